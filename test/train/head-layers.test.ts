import { expect, it } from 'vitest';
import { HeadRunner } from '../../src/engine/head-runner.ts';
import { HeadBackend } from '../../src/train/head-backend.ts';
import { initialHead } from '../../src/train/initial-head.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import { watchGaps } from '../fixtures/gaps.ts';
import { binaries } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';

const module = await binaries.load('base');

it.each([
  ['distilbert', true, 24, 48, 3],
  ['distilbert, no size a multiple of 8', true, 21, 35, 9],
  ['linear', false, 21, 35, 9],
] as const)(
  'a head gives the same bits where it trains and where it is used: %s',
  (_, preClassifier, dim, width, L) => {
    const labels = Array.from({ length: L }, (_, i) => `l${i}`);
    const head = initialHead({ task: 'sequence', labels, pooling: 'cls', preClassifier, dim, width }, 1);
    const next = random(L);
    const count = 70; // more than go through at once
    const vectors = Float32Array.from({ length: count * width }, () => next() - 0.5);
    const features = new MemoryFeatures(width);
    features.append(vectors);
    const starts = Uint32Array.from({ length: count + 1 }, (_, row) => row);
    const set = { features, starts, targets: new Int32Array(count) };
    const backend = new HeadBackend(module, head, set, set, {
      per_device_train_batch_size: 1,
      per_device_eval_batch_size: 16,
      gradient_accumulation_steps: 1,
      weight_decay: 0,
      adam_beta1: 0.9,
      adam_beta2: 0.999,
      adam_epsilon: 1e-8,
      max_grad_norm: 1,
      label_smoothing_factor: 0,
      dropout: 0,
      seed: 1,
    });
    const watch = watchGaps();
    try {
      expect(new HeadRunner(module, head).logits(vectors)).toEqual(backend.evaluate().logits);
      watch.check(0, 4);
    } finally {
      watch.stop();
    }
  },
);
