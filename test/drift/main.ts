// npm run drift [-- --json] [-- --model DIR]
// How far the engines are from transformers' fp32 on 200 texts. Exit code 1 where a gate breaks.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atMost, type Drift, type Gate, gatesF32, gatesQ8 } from './drift.ts';
import { driftOf } from './engine.ts';
import { readGolden } from './golden.ts';
import { type Cosines, gatesMinilm, minilmDrift } from './minilm.ts';

const { values: options } = parseArgs({ options: { json: { type: 'boolean' }, model: { type: 'string' } } });
const golden = readGolden('sentiment');
const shared = readGolden('sst2-minilm');
const checkpoint = fileURLToPath(new URL(`../../../shared/models/${shared.checkpoint.name}`, import.meta.url));

const q8 = await driftOf(options.model, 'q8', golden);
const gates: Gate[] = [atMost('texts whose ids differ', q8.otherIds, 0), ...gatesQ8(q8.drift)];
let fp32: Drift | undefined;
if (existsSync(checkpoint)) {
  const sha256 = createHash('sha256')
    .update(readFileSync(`${checkpoint}/model.safetensors`))
    .digest('hex');
  if (sha256 !== shared.checkpoint.sha256) {
    throw new Error(
      `${checkpoint}: expected sha256 ${shared.checkpoint.sha256}, got ${sha256}: make the goldens again`,
    );
  }
  fp32 = (await driftOf(checkpoint, 'fp32', shared)).drift;
  gates.push(...gatesF32(fp32));
} else {
  console.error(`SKIPPED the f32 engine: expected its checkpoint in ${checkpoint}, got none`);
}
const minilm = await minilmDrift();
gates.push(...gatesMinilm(minilm));

if (options.json) {
  const { versions, accuracy } = golden;
  console.log(
    JSON.stringify({ reference: { versions, accuracy }, build: q8.build, q8: q8.drift, fp32, minilm, gates }, null, 2),
  );
} else {
  const { transformers, torch } = golden.versions;
  console.log(
    `${golden.texts.length} texts, against transformers ${transformers} (torch ${torch}), fp32; ${q8.build} build`,
  );
  for (const [name, drift] of Object.entries({ q8: q8.drift, f32: fp32 })) console.log(line(name, drift));
  const range = ({ mean, min }: Cosines) => `mean ${mean.toFixed(6)} min ${min.toFixed(6)}`;
  console.log(`minilm, ${minilm.texts} texts: cosine of CLS ${range(minilm.cls)}, of the means ${range(minilm.mean)}`);
  for (const { name, wanted, got, passed } of gates)
    console.log(`${passed ? 'pass' : 'FAIL'}  ${name} ${wanted}: ${got}`);
}
process.exitCode = gates.every(({ passed }) => passed) ? 0 : 1;

function line(name: string, drift: Drift | undefined): string {
  if (!drift) return `${name}  skipped`;
  const { clsCosine, maxClsDifference, maxLogitChange, labelsChanged, insideMargin, texts } = drift;
  return (
    `${name.padEnd(4)} CLS cosine mean ${clsCosine.mean.toFixed(6)} min ${clsCosine.min.toFixed(6)}, ` +
    `max difference CLS ${maxClsDifference.toExponential(1)} logits ${maxLogitChange.toExponential(1)}, ` +
    `labels changed ${labelsChanged.outsideMargin} of ${texts - insideMargin} outside the margin, ` +
    `${labelsChanged.insideMargin} of ${insideMargin} inside`
  );
}
