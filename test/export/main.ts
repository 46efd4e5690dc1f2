// npm run export:check [-- MODEL ...]
// What `bertwasm export` writes, read by transformers: ids and labels the same, logits within 1e-4 of our engine in f32, exit code 1 where one differs; and how
// far the 8-bit ONNX file is from that in onnxruntime-node. Default: the embedded default model.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CALIBRATION_TEXTS } from '../../src/cli/calibration-texts.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { nodePlatform } from '../../src/platform/node.ts';
import { loadTokenizer } from '../../src/text/load.ts';
import { predictions } from '../../src/train/metrics.ts';
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
  const int8 = await InferenceSession.create(`${directory}/onnx/model_quantized.onnx`);
  const L = config.labels.length;
  let [worst, farthest, equal, labelled] = [0, 0, 0, 0];
  let sameIds = true;
  for (const [i, text] of CALIBRATION_TEXTS.entries()) {
    const ids = Array.from(tokenizer.encode(text).ids);
    sameIds &&= String(ids) === String(results[i].ids);
    const ours = config.head === 'token' ? engine.tokenLogits([ids])[0] : engine.logits([ids]);
    const quantised = await logitsOf(int8, ids);
    for (const [j, value] of ours.entries()) {
      worst = Math.max(worst, Math.abs(value - results[i].logits[j]));
      farthest = Math.max(farthest, Math.abs(value - quantised[j]));
    }
    const [wanted, got] = [predictions(ours, L), predictions(quantised, L)];
    labelled += wanted.length;
    equal += wanted.filter((id, k) => id === got[k]).length;
  }
  const sameLabels = String(labels) === String(config.labels);
  console.log(
    `${model}: ${CALIBRATION_TEXTS.length} texts, ids ${sameIds ? 'the same' : 'differ'}, labels ${sameLabels ? 'the same' : 'differ'}, logits within ${worst.toExponential(1)} (gate ${GATE}); ` +
      `8-bit ONNX: logits within ${farthest.toFixed(2)}, ${equal} of ${labelled} labels equal`,
  );
  if (!sameIds || !sameLabels || !(worst <= GATE)) process.exitCode = 1;
}

async function logitsOf(session: InferenceSession, ids: readonly number[]): Promise<Float32Array> {
  const tensor = (values: readonly number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [1, ids.length]);
  const { logits } = await session.run({ input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) });
  return logits.data as Float32Array;
}
