// npm run models:sentiment
// Makes models/sentiment from what `npm run models:minilm` fetched: `train --full` on SST-2 and IMDb of ../shared/data. Killed, it goes on where
// it stopped.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SequenceRow } from '../src/train/rows.ts';
import { bertwasm, root } from './run.ts';

const data = `${root}../shared/data`;
const work = `${root}build/sentiment`;
const LABELS = ['NEGATIVE', 'POSITIVE'];
/** About 128 word pieces. */
const WINDOW = 95;

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
// Not run/q8, which is calibrated on the shortest of texts, phrases of SST-2: this model is for all kinds.
rmSync(`${work}/q8`, { recursive: true, force: true });
bertwasm('quantize', `${work}/run`, '--out', `${work}/q8`);
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
