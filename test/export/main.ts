// npm run export:check [-- MODEL ...]
// What `bertwasm export` writes, read by transformers: ids and labels the same, logits within 1e-4 of our engine in f32. Default: the embedded
// default model. Exit code 1 where one differs.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CALIBRATION_TEXTS } from '../../src/cli/calibration-texts.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { nodePlatform } from '../../src/platform/node.ts';
import { loadTokenizer } from '../../src/text/load.ts';
import { venvPython } from '../venv.ts';

const GATE = 1e-4;
const root = fileURLToPath(new URL('../../', import.meta.url));
const directory = `${root}build/export`;
const python = venvPython('parity', `${root}test/parity/requirements.txt`);

for (const model of process.argv.length > 2 ? process.argv.slice(2) : ['bertwasm-sentiment']) {
  rmSync(directory, { recursive: true, force: true });
  execFileSync(process.execPath, [`${root}dist/cli/main.js`, 'export', model, '--out', directory]);
  const told = execFileSync(python, [`${root}test/export/reference.py`, directory], {
    input: JSON.stringify(CALIBRATION_TEXTS),
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 1e9,
  });
  const { labels, results } = JSON.parse(told.toString());
  const source = nodePlatform.resolveModel(directory, 'text-classification');
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source);
  const engine = await Model.load(source, config, nodePlatform.kernels());
  let worst = 0;
  let sameIds = true;
  for (const [i, text] of CALIBRATION_TEXTS.entries()) {
    const ids = Array.from(tokenizer.encode(text).ids);
    sameIds &&= String(ids) === String(results[i].ids);
    const ours = config.head === 'token' ? engine.tokenLogits([ids])[0] : engine.logits([ids]);
    for (const [j, value] of ours.entries()) worst = Math.max(worst, Math.abs(value - results[i].logits[j]));
  }
  const sameLabels = String(labels) === String(config.labels);
  console.log(
    `${model}: ${CALIBRATION_TEXTS.length} texts, ids ${sameIds ? 'the same' : 'differ'}, labels ${sameLabels ? 'the same' : 'differ'}, logits within ${worst.toExponential(1)} (gate ${GATE})`,
  );
  if (!sameIds || !sameLabels || !(worst <= GATE)) process.exitCode = 1;
}
