import { afterEach, it } from 'vitest';
import type { HeadConfig } from '../../src/model/head.ts';
import type { FeatureSet } from '../../src/train/features.ts';
import { HeadBackend } from '../../src/train/head-backend.ts';
import { initialHead } from '../../src/train/initial-head.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import { watchGaps } from '../fixtures/gaps.ts';
import { binaries } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';

/*
 * The memory plan of training: nothing may write to the gap after a region, whatever the shape.
 */

const module = await binaries.load('base');
let stop = () => {};
afterEach(() => stop());

const heads: [string, Partial<HeadConfig>, L: number, longest: number][] = [
  ['distilbert', { preClassifier: true }, 2, 1],
  ['distilbert, no size a multiple of 8', { preClassifier: true, dim: 21, width: 35 }, 9, 1],
  ['distilbert, several labels', { preClassifier: true, problemType: 'multi_label_classification' }, 11, 1],
  ['distilbert, one label', { preClassifier: true, problemType: 'multi_label_classification' }, 1, 1],
  ['linear', { width: 33 }, 3, 1],
  ['token', { task: 'token' }, 17, 40],
];

it.each(heads)('every write stays in its region: %s', (_, overrides, L, longest) => {
  const config: HeadConfig = {
    task: 'sequence',
    labels: Array.from({ length: L }, (_, i) => `l${i}`),
    pooling: 'cls',
    preClassifier: false,
    dim: 24,
    width: 24,
    ...overrides,
  };
  const next = random(L);
  const starts = [0];
  for (let r = 0; r < 50; r++) starts.push(starts[r] + (longest === 1 ? 1 : Math.floor(next() * longest)));
  const count = starts[50];
  const features = new MemoryFeatures(config.width);
  features.append(Float32Array.from({ length: count * config.width }, () => next() - 0.5));
  const several = config.problemType === 'multi_label_classification';
  const set: FeatureSet = {
    features,
    starts: Uint32Array.from(starts),
    targets: several
      ? Float32Array.from({ length: count * L }, () => (next() < 0.5 ? 1 : 0))
      : Int32Array.from({ length: count }, () => Math.floor(next() * L)),
  };
  for (const batch of [1, 7, 50]) {
    const watch = watchGaps();
    stop = watch.stop;
    const backend = new HeadBackend(module, initialHead(config, 1), set, set, {
      per_device_train_batch_size: batch,
      gradient_accumulation_steps: 1,
      per_device_eval_batch_size: batch,
      weight_decay: 0.01,
      adam_beta1: 0.9,
      adam_beta2: 0.999,
      adam_epsilon: 1e-8,
      max_grad_norm: 1,
      label_smoothing_factor: 0,
      dropout: 0.1,
      seed: 1,
    });
    // The longest rows together are the largest batch there can be.
    const rows = Array.from({ length: 50 }, (_, r) => r).sort(
      (a, b) => starts[b + 1] - starts[b] - (starts[a + 1] - starts[a]),
    );
    for (let step = 1; step <= 3; step++) backend.step(rows.slice(0, batch), step, 0.01);
    backend.restore(backend.state());
    backend.evaluate();
    watch.check(0, 11);
    stop();
  }
});
