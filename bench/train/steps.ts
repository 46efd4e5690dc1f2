import type { FeatureSet } from '../../src/train/features.ts';
import { root } from '../files.ts';
import { type Comparison, compare, interleave, threadTime } from '../pairs.ts';
import { type HeadShape, torchHead } from './torch.ts';

// What ships is measured: the compiled files, with their kernels beside them.
const dist = `${root}dist`;
const { nodePlatform } = (await import(
  `${dist}/platform/node-platform.js`
)) as typeof import('../../src/platform/node-platform.ts');
const { chooseBuild } = (await import(`${dist}/engine/kernels.js`)) as typeof import('../../src/engine/kernels.ts');
const { HeadBackend } = (await import(
  `${dist}/train/head-backend.js`
)) as typeof import('../../src/train/head-backend.ts');
const { initialHead } = (await import(
  `${dist}/train/initial-head.js`
)) as typeof import('../../src/train/initial-head.ts');
const { MemoryFeatures } = (await import(
  `${dist}/train/memory-features.js`
)) as typeof import('../../src/train/memory-features.ts');
const { trainingArguments } = (await import(
  `${dist}/train/arguments.js`
)) as typeof import('../../src/train/arguments.ts');

/** Steps of a round. Batches are those of the defaults, 16 rows; a sentence is 18 tokens. */
const STEPS = 20;
const VECTORS = 2048;
const D = 384;
const SHAPES: [name: string, shape: HeadShape][] = [
  ['linear, layers', { width: 7 * D, dim: D, labels: 2, head: 'linear', batch: 16, vectors: VECTORS }],
  ['DistilBERT, mean', { width: D, dim: D, labels: 2, head: 'distilbert', batch: 16, vectors: VECTORS }],
  ['DistilBERT, layers', { width: 7 * D, dim: D, labels: 2, head: 'distilbert', batch: 16, vectors: VECTORS }],
  ['tokens, layers', { width: 7 * D, dim: D, labels: 13, head: 'linear', batch: 288, vectors: VECTORS }],
];

export interface StepsRow {
  head: string;
  shape: HeadShape;
  torch: string;
  /** Milliseconds of a step. */
  result: Comparison;
}

/** Steps of heads, ours against torch's: each side by its own CPU time, in turn. */
export async function steps(quick: boolean): Promise<StepsRow[]> {
  const { module } = await chooseBuild(nodePlatform.kernels, 'auto');
  const rows: StepsRow[] = [];
  for (const [head, shape] of SHAPES) {
    const torch = await torchHead(shape);
    const step = ourHead(module, shape);
    const times = await interleave(
      [
        { name: 'torch', run: () => torch.step(STEPS) },
        {
          name: 'bertwasm',
          run: () => {
            for (let i = 0; i < STEPS; i++) step();
          },
        },
      ],
      // While torch computes, this thread waits, and the other way round.
      { rounds: quick ? 3 : 30, warmup: 3, clock: () => threadTime() + torch.milliseconds() },
    );
    torch.close();
    const perStep = new Map(Array.from(times, ([name, rounds]) => [name, rounds.map((ms) => ms / STEPS)]));
    rows.push({ head, shape, torch: torch.version, result: compare(perStep, 'torch', 'bertwasm') });
  }
  return rows;
}

function ourHead(module: WebAssembly.Module, { width, dim, labels, head, batch, vectors }: HeadShape): () => void {
  const config = {
    task: 'sequence',
    labels: Array.from({ length: labels }, (_, id) => `${id}`),
    pooling: width === dim ? 'mean' : 'layers',
    preClassifier: head === 'distilbert',
    dim,
    width,
  } as const;
  const features = new MemoryFeatures(width);
  features.append(Float32Array.from({ length: vectors * width }, (_, i) => ((i * 7919) % 10007) / 10007 - 0.5));
  const set: FeatureSet = {
    features,
    starts: Uint32Array.from({ length: vectors + 1 }, (_, i) => i),
    targets: Int32Array.from({ length: vectors }, (_, i) => (i * 31) % labels),
  };
  const args = trainingArguments(
    { head, per_device_train_batch_size: batch },
    { evaluation: false, metrics: [], task: config.task },
  );
  const backend = new HeadBackend(module, initialHead(config, 1), set, undefined, args);
  let step = 0;
  return () => {
    step++;
    const rows = Array.from({ length: batch }, (_, i) => (step * 131 + i * 1031) % vectors);
    backend.step(rows, step, args.learning_rate);
  };
}
