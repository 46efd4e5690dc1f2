import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { RowKind, SequenceRow, TokenRow, TrainingRows } from '../../src/train/rows.ts';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

export interface DataSet {
  kind: RowKind;
  train: TrainingRows;
  /** The named test or dev set; nothing is chosen by it. */
  test: TrainingRows;
}

export const SETS = {
  sst2: () => sequence(table('sst2/train.tsv.gz', 'label').slice(0, 10_000), table('sst2/dev.tsv', 'label')),
  trec: () => sequence(table('trec/train.tsv', 'coarse'), table('trec/test.tsv', 'coarse')),
  imdb: () => sequence(lines('imdb/train.jsonl.gz').slice(0, 2000), lines('imdb/mini.jsonl')),
  agnews: () => sequence(table('agnews/train_10k.tsv.gz', 'label'), table('agnews/test.tsv.gz', 'label')),
  wnut17: (): DataSet => ({ kind: 'token', train: conll('wnut17/train.conll'), test: conll('wnut17/dev.conll') }),
} satisfies Record<string, () => DataSet>;
export type SetName = keyof typeof SETS;

export const haveData = existsSync(DATA);

function sequence(train: SequenceRow[], test: SequenceRow[]): DataSet {
  return { kind: 'single', train, test };
}

function table(file: string, labelColumn: string): SequenceRow[] {
  const [header, ...rows] = read(file).split('\n');
  const columns = header.split('\t');
  const [label, text] = [columns.indexOf(labelColumn), columns.indexOf('text')];
  return rows.map((row) => {
    const cells = row.split('\t');
    return { text: cells[text], label: cells[label] };
  });
}

function lines(file: string): SequenceRow[] {
  return read(file)
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ text, label }) => ({ text, label: String(label) }));
}

function conll(file: string): TokenRow[] {
  return read(file)
    .split(/\n\n+/)
    .map((sentence) => sentence.split('\n').map((line) => line.split('\t')))
    .map((pairs) => ({ tokens: pairs.map(([token]) => token), tags: pairs.map(([, tag]) => tag) }));
}

function read(file: string): string {
  const bytes = readFileSync(DATA + file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd();
}
