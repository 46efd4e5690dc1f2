// npm run heads [-- sst2 trec imdb agnews wnut17] [--seeds N] [--json]
// Heads that we train beside those that torch and scikit-learn train on the same features with the same arguments, which
// are our defaults. The figures are of the named test sets: accuracy, and seqeval's F1 for WNUT-17. Exit code 1 where a
// gate breaks. Features stay in build/heads/, so that a second run takes up what the first has made.
import { parseArgs } from 'node:util';
import { type HeadPooling, isTokenPooling, POOLINGS } from '../../src/model/config.ts';
import type { HeadConfig } from '../../src/model/head.ts';
import { trainingArguments } from '../../src/train/arguments.ts';
import { figures, measure } from '../../src/train/metrics.ts';
import { atMost, type Gate } from '../drift/drift.ts';
import { haveData, SETS, type SetName } from './data.ts';
import { featuresOf, loadEncoder, type SetFeatures } from './features.ts';
import { trained } from './ours.ts';
import { reference } from './reference.ts';

/** Most points that ours may be below torch's, on the sets that have a gate on it. */
const MAX_POINTS = 0.7;
const GATED: readonly SetName[] = ['sst2', 'trec'];

interface Result {
  set: SetName;
  pooling: HeadPooling;
  head: 'distilbert' | 'linear';
  /** By seed, in percent. */
  ours: number[];
  torch: number[];
  sklearn?: number;
}

const { values: options, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '8' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
if (!haveData) throw new Error('../shared/data: expected the data sets, got no such directory');
const names = (positionals.length > 0 ? positionals : Object.keys(SETS)) as SetName[];
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => i + 1);

const encoder = await loadEncoder();
const results: Result[] = [];
for (const set of names) {
  if (!Object.hasOwn(SETS, set)) throw new Error(`set: expected ${Object.keys(SETS)}, got ${set}`);
  for (const pooling of set === 'wnut17' ? POOLINGS.filter(isTokenPooling) : POOLINGS) {
    const features = await featuresOf(set, pooling, encoder);
    for (const head of set === 'wnut17' ? (['linear'] as const) : (['linear', 'distilbert'] as const)) {
      const result = await compare(set, features, pooling, head);
      results.push(result);
      console.error(cells(result).join('  '));
    }
  }
}
const gates = results.flatMap(gatesOf);

if (options.json) {
  console.log(JSON.stringify({ seeds, results, gates }, null, 2));
} else {
  const rows = [['set', 'pooling', 'head', 'ours', 'torch', 'LogisticRegression'], ...results.map(cells)];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column])).join('  '));
  for (const { name, wanted, got, passed } of gates) {
    console.log(`${passed ? 'pass' : 'FAIL'}  ${name} ${wanted}: ${got.toFixed(2)}`);
  }
}
process.exitCode = gates.every(({ passed }) => passed) ? 0 : 1;

async function compare(
  set: SetName,
  features: SetFeatures,
  pooling: HeadPooling,
  head: 'distilbert' | 'linear',
): Promise<Result> {
  const { kind, labels, test } = features;
  const { config, module } = encoder.model;
  const headConfig: HeadConfig = {
    task: kind === 'token' ? 'token' : 'sequence',
    labels,
    pooling,
    preClassifier: head === 'distilbert',
    dim: config.dim,
    width: features.train.features.width,
  };
  const argumentsOf = (seed: number) =>
    trainingArguments(
      { head, pooling, seed, eval_strategy: 'no', save_strategy: 'no' },
      { evaluation: false, metrics: [], task: kind === 'token' ? 'token' : 'sequence' },
    );
  const score = (logits: Float32Array) =>
    100 * figures(measure(logits, { kind, labels, ...test }))[kind === 'token' ? 'f1' : 'accuracy'];

  const ours: number[] = [];
  for (const seed of seeds) ours.push(score(await trained(module, headConfig, features, argumentsOf(seed))));
  const { torch, sklearn } = reference(features, argumentsOf(seeds[0]), config.dim, seeds);
  return {
    set,
    pooling,
    head,
    ours,
    torch: torch.map(score),
    sklearn: sklearn && score(sklearn),
  };
}

/** Two trainings that differ in their random numbers alone have the same F1 up to chance: two standard errors. */
function gatesOf({ set, pooling, head, ours, torch }: Result): Gate[] {
  const name = `${set} ${pooling} ${head}: points below torch`;
  const below = mean(torch) - mean(ours);
  if (set === 'wnut17') {
    const chance = 2 * Math.sqrt(squaredError(ours) + squaredError(torch));
    return [atMost(name, below, Number(chance.toFixed(2)))];
  }
  return GATED.includes(set) ? [atMost(name, below, MAX_POINTS)] : [];
}

function cells({ set, pooling, head, ours, torch, sklearn }: Result): string[] {
  return [set, pooling, head, spread(ours), spread(torch), sklearn === undefined ? '' : sklearn.toFixed(1)];
}

function spread(values: readonly number[]): string {
  return `${mean(values).toFixed(1)} (${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)})`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The square of the standard error of the mean. */
function squaredError(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return squares / (values.length - 1) / values.length;
}
