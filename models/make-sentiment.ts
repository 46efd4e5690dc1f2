// npm run models:sentiment
// Makes models/sentiment from what `npm run models:minilm` fetched: `train --full` on SST-2 and IMDb of ../shared/data, the mean of its last
// checkpoints, quantised. Killed, it goes on where it stopped.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { loadConfig } from '../src/model/config.ts';
import { floatWeights } from '../src/model/float-weights.ts';
import { huggingFaceFiles } from '../src/model/hugging-face.ts';
import { directorySource } from '../src/platform/node-files.ts';
import { loadTokenizer } from '../src/text/load.ts';
import type { SequenceRow } from '../src/train/rows.ts';
import { bertwasm, root } from './run.ts';

const data = `${root}../shared/data`;
const work = `${root}build/sentiment`;
const LABELS = ['NEGATIVE', 'POSITIVE'];
/** About 128 word pieces. */
const WINDOW = 95;
/** The checkpoints whose mean is the model; a checkpoint is 500 steps. */
const AVERAGED = 4;

mkdirSync(work, { recursive: true });
// Twice as often as a review, a phrase has a fifth of its tokens.
writeRows('train.jsonl', [...sst2('train.tsv.gz'), ...sst2('train.tsv.gz'), ...reviews()]);
bertwasm(
  ...['train', `${work}/train.jsonl`, '--validation-file', `${data}/sst2/dev.tsv`, '--labels', LABELS.join()],
  ...['--full', '--model', `${root}build/minilm/checkpoint`, '--out', `${work}/run`, '--resume', '--max-length', '128'],
  ...[
    '--num-train-epochs',
    '1',
    '--per-device-train-batch-size',
    '32',
    '--learning-rate',
    '1e-4',
    '--warmup-ratio',
    '0.06',
  ],
  ...['--eval-strategy', 'steps', '--eval-steps', '500', '--save-strategy', 'steps', '--save-steps', '500'],
  ...['--save-total-limit', 'none', '--load-best-model-at-end', 'false', '--logging-steps', '50'],
);
await average();
rmSync(`${work}/q8`, { recursive: true, force: true });
bertwasm('quantize', `${work}/checkpoint`, '--out', `${work}/q8`);
for (const file of ['config.json', 'encoder.safetensors', 'head.safetensors', 'tokenizer.json']) {
  copyFileSync(`${work}/q8/${file}`, `${root}models/sentiment/${file}`);
}
copyFileSync(`${work}/run/trainer_state.json`, `${root}models/sentiment/trainer_state.json`);

function sst2(file: string): SequenceRow[] {
  const [, ...lines] = gunzipSync(readFileSync(`${data}/sst2/${file}`))
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const [label, text] = line.split('\t');
    return { text, label: LABELS[Number(label)] };
  });
}

/** A window of each review, of every other its end: the whole costs four times as much. */
function reviews(): SequenceRow[] {
  const lines = gunzipSync(readFileSync(`${data}/imdb/train.jsonl.gz`))
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line, i) => {
    const { text, label } = JSON.parse(line);
    const words = text.replaceAll('<br />', ' ').split(/\s+/);
    const window = i % 2 ? words.slice(-WINDOW) : words.slice(0, WINDOW);
    return { text: window.join(' '), label: LABELS[label] };
  });
}

function writeRows(name: string, rows: readonly SequenceRow[]): void {
  writeFileSync(`${work}/${name}`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** A model whose weights are the mean of those of the last checkpoints (Izmailov et al. 2018). */
async function average(): Promise<void> {
  const names = readdirSync(`${work}/run`).filter((name) => name.startsWith('checkpoint-'));
  const last = names.sort((a, b) => stepOf(a) - stepOf(b)).slice(-AVERAGED);
  const source = directorySource(`${work}/run`);
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source);
  const sums = new Map<string, Float64Array>();
  for (const name of last) {
    for (const [tensor, values] of await floatWeights(directorySource(`${work}/run/${name}`), config)) {
      const sum = sums.get(tensor) ?? new Float64Array(values.length);
      sums.set(
        tensor,
        sum.map((value, i) => value + values[i]),
      );
    }
  }
  const weights = new Map(Array.from(sums, ([name, sum]) => [name, Float32Array.from(sum, (v) => v / last.length)]));
  const files = huggingFaceFiles({ config, weights, tokenizer: tokenizer.toJSON(), maxLength: config.positions });
  mkdirSync(`${work}/checkpoint`, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(`${work}/checkpoint/${name}`, bytes);
}

function stepOf(name: string): number {
  return Number(name.slice('checkpoint-'.length));
}
