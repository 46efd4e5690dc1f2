// npm run export:check [-- MODEL ...]
// What `bertwasm export` writes, read by transformers and by ONNX Runtime: ids, labels and what pipelines say the same, logits (of an encoder its hidden states) within
// 1e-4 of our engine in f32, in padded batches too; exit code 1 where one differs. And how far the 8-bit ONNX file is from it. Default: a model for texts, one for tokens,
// an encoder.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { CALIBRATION_TEXTS } from '../../src/cli/calibration-texts.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { pipeline, type TokenEntity } from '../../src/platform/node.ts';
import { nodePlatform } from '../../src/platform/node-platform.ts';
import { loadTokenizer } from '../../src/text/load.ts';
import { predictions } from '../../src/train/metrics.ts';
import { cosine, maxDifference } from '../drift/compare.ts';
import { venvPython } from '../venv.ts';
import { runPadded } from './run-padded.ts';
import { writeTokenModel } from './token-model.ts';

const GATE = 1e-4;
const TEXTS = [
  ...CALIBRATION_TEXTS,
  'A quiet, moving film.',
  'Ångström units are small; naïve readers were not told.',
  'Angela Merkel met Emmanuel Macron in Berlin, and then flew to Nairobi.',
  '東京 is larger than it looks 🙂 on the map',
];

interface Said {
  label: string;
  score: number;
}

/** What reference.py prints. */
interface Reference {
  labels: string[];
  results: { ids: number[]; output: number[]; said: Said[] }[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const directory = `${root}build/export`;
const tokenModel = `${root}build/export-token`;
const python = venvPython('parity', `${root}test/parity/requirements.txt`);

await writeTokenModel(tokenModel);
const models = process.argv.length > 2 ? process.argv.slice(2) : ['bertwasm-sentiment', tokenModel, 'bertwasm-minilm'];
for (const model of models) await check(model);

async function check(model: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  execFileSync(process.execPath, [`${root}dist/node/main.js`, 'export', model, '--out', directory], {
    stdio: 'ignore',
  });
  const told = execFileSync(python, [`${root}test/export/reference.py`, directory], {
    input: JSON.stringify(TEXTS),
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 1e9,
  });
  const { labels, results }: Reference = JSON.parse(told.toString());
  const source = nodePlatform.resolveModel(directory);
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source);
  const batch = TEXTS.map((text) => Array.from(tokenizer.encode(text).ids));
  const engine = await Model.load(source, config, nodePlatform.kernels);
  const { head } = config;
  const ours = batch.map((ids) => outputOf(engine, ids));
  const distance = (theirs: readonly ArrayLike<number>[]) =>
    Math.max(...ours.map((values, i) => maxDifference(values, theirs[i])));

  const onnx = (name: string, texts: number[][]) =>
    runPadded(ort, readFileSync(`${directory}/onnx/${name}.onnx`), texts, head !== 'sequence');
  const padded = { fp32: await onnx('model', batch), int8: await onnx('model_quantized', batch) };
  const alone: Float32Array[] = [];
  for (const ids of batch) alone.push(...(await onnx('model_quantized', [ids])));
  const gates = {
    ids: Number(batch.every((ids, i) => String(ids) === String(results[i].ids))),
    labels: Number(String(labels) === String(config.labels)),
    said: head === 'none' ? 0 : await saidApart(head, results),
    transformers: distance(results.map(({ output }) => output)),
    onnx: distance(padded.fp32),
  };
  console.log(`${model}: ${TEXTS.length} texts; gate ${GATE}`);
  console.log(`  ids ${gates.ids ? 'the same' : 'differ'}, names of labels ${gates.labels ? 'the same' : 'differ'}`);
  console.log(`  transformers: within ${show(gates.transformers)}, what its pipeline says within ${show(gates.said)}`);
  console.log(`  model.onnx, one padded batch: within ${show(gates.onnx)}`);
  for (const [how, values] of Object.entries({ 'each text alone': alone, 'one padded batch': padded.int8 })) {
    console.log(`  model_quantized.onnx, ${how}: ${drift(ours, values, config.labels.length, config.dim)}`);
  }
  const passed = gates.ids && gates.labels && [gates.said, gates.transformers, gates.onnx].every((x) => x <= GATE);
  if (!passed) process.exitCode = 1;
}

function outputOf(engine: Model, ids: number[]): Float32Array {
  if (engine.config.head === 'sequence') return engine.logits([ids]);
  return (engine.config.head === 'token' ? engine.tokenLogits([ids]) : engine.hiddenStates([ids]))[0];
}

/** The largest difference of a score between our pipeline and transformers'; infinite where a label differs. */
async function saidApart(head: 'sequence' | 'token', results: Reference['results']): Promise<number> {
  let apart = 0;
  for (const [i, said] of (await say(head)).entries()) {
    const theirs = results[i].said;
    if (String(said.map(({ label }) => label)) !== String(theirs.map(({ label }) => label))) return Infinity;
    apart = Math.max(apart, ...said.map(({ score }, j) => Math.abs(score - theirs[j].score)));
  }
  return apart;
}

async function say(head: 'sequence' | 'token'): Promise<Said[][]> {
  if (head === 'sequence') {
    const classify = await pipeline('text-classification', directory);
    return Promise.all(TEXTS.map((text) => classify(text)));
  }
  const found = await (await pipeline('token-classification', directory))(TEXTS);
  return found.map((tokens) => (tokens as TokenEntity[]).map(({ entity, score }) => ({ label: entity, score })));
}

/** How far 8 bits are from f32, in words; L is 0 of an encoder. */
function drift(fp32: readonly Float32Array[], int8: readonly Float32Array[], L: number, D: number): string {
  if (L === 0) {
    const cosines = fp32.map((values, i) => cosine(values.subarray(0, D), int8[i].subarray(0, D)));
    const mean = cosines.reduce((a, b) => a + b) / cosines.length;
    return `cosine of [CLS] ${mean.toFixed(5)} on average, ${Math.min(...cosines).toFixed(5)} at least`;
  }
  const pairs = fp32.flatMap((values, i) => {
    const got = predictions(int8[i], L);
    return Array.from(predictions(values, L), (wanted, k) => wanted === got[k]);
  });
  const apart = Math.max(...fp32.map((values, i) => maxDifference(values, int8[i])));
  return `logits within ${apart.toFixed(2)}, ${pairs.filter(Boolean).length} of ${pairs.length} labels equal`;
}

function show(x: number): string {
  return x.toExponential(1);
}
