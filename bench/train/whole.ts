import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SequenceRow } from '../../src/train/rows.ts';
import { root, shared } from '../files.ts';
import { threadTime } from '../pairs.ts';

const dist = `${root}dist/node`;
const { pipeline, trainHead } = (await import(`${dist}/node.js`)) as typeof import('../../src/platform/node.ts');

const ROWS = 2000;
const WORK = `${root}build/bench/train`;
/** Phrases of 13 tokens on average, and whole sentences of 22; the first are what is meant by short rows. */
const SETS = [
  { name: 'SST-2 phrases', read: () => table(gunzipSync(readFileSync(`${shared}/data/sst2/train.tsv.gz`)), 1) },
  { name: 'VADER sentences', read: () => table(readFileSync(`${shared}/data/vader/amazon_snippets.tsv`), 3) },
];

export interface WholeRow {
  name: string;
  rows: number;
  /** Of all rows, special tokens included. */
  tokens: number;
  /** `bertwasm train` from its start to its end, pinned to one core: seconds, by run. */
  command: { wall: number[]; cpu: number[] };
  /** CPU milliseconds of an epoch, by run: the first with the features of all rows, the second on those kept. */
  epochs: { first: number[]; second: number[] };
}

/** All of training on the first 2,000 labelled rows of a set. */
export async function whole(quick: boolean): Promise<WholeRow[]> {
  mkdirSync(WORK, { recursive: true });
  const extract = await pipeline('feature-extraction', 'bertwasm-minilm');
  const results: WholeRow[] = [];
  for (const { name, read } of SETS) {
    const rows = read();
    const lines = rows.map(({ label, text }) => `${label}\t${text}\n`);
    writeFileSync(`${WORK}/rows.tsv`, `label\ttext\n${lines.join('')}`);
    const result: WholeRow = {
      name,
      rows: rows.length,
      tokens: rows.reduce((sum, { text }) => sum + extract.tokenizer.encode(text).ids.length, 0),
      command: { wall: [], cpu: [] },
      epochs: { first: [], second: [] },
    };
    for (let run = 0; run < (quick ? 1 : 3); run++) {
      const { wall, cpu } = command();
      result.command.wall.push(wall);
      result.command.cpu.push(cpu);
      const { first, second } = await epochs(rows, extract);
      result.epochs.first.push(first);
      result.epochs.second.push(second);
    }
    results.push(result);
  }
  return results;
}

function table(bytes: Uint8Array, text: number): SequenceRow[] {
  const lines = Buffer.from(bytes).toString('utf8').trimEnd().split('\n').slice(1);
  return lines
    .map((line) => line.split('\t'))
    .filter(([label]) => label !== 'na')
    .slice(0, ROWS)
    .map((cells) => ({ text: cells[text], label: cells[0] }));
}

/** bash's `times` gives the CPU time of what it waited for. */
function command(): { wall: number; cpu: number } {
  rmSync(`${WORK}/model`, { recursive: true, force: true });
  const train = [process.execPath, `${dist}/main.js`, 'train', `${WORK}/rows.tsv`, '--out', `${WORK}/model`];
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', '"$@" >/dev/null && times', 'bash', 'taskset', '-c', '0', ...train],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  if (status !== 0) throw new Error(`bertwasm train: expected exit code 0, got ${status}: ${stderr}`);
  const wall = (performance.now() - start) / 1000;
  const [, children] = stdout.trim().split('\n');
  const times = Array.from(children.matchAll(/(\d+)m([\d.]+)s/g), ([, m, s]) => 60 * Number(m) + Number(s));
  return { wall, cpu: times.reduce((a, b) => a + b, 0) };
}

async function epochs(
  rows: readonly SequenceRow[],
  encoder: Awaited<ReturnType<typeof pipeline<'feature-extraction'>>>,
): Promise<{ first: number; second: number }> {
  const marks = [threadTime()];
  await trainHead(rows, {
    encoder,
    num_train_epochs: 2,
    onProgress: (progress) => {
      if (progress.phase === 'training' && Number.isInteger(progress.epoch)) marks.push(threadTime());
    },
  });
  return { first: marks[1] - marks[0], second: marks[2] - marks[1] };
}
