import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Head, type HeadConfig, headShapes } from '../../src/model/head.ts';
import { parseHeader } from '../../src/model/safetensors.ts';
import type { FeatureSet } from '../../src/train/features.ts';
import { HeadBackend, type HeadBackendOptions } from '../../src/train/head-backend.ts';
import { initialHead } from '../../src/train/initial-head.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import { binaries, relaxedModule } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';

/*
 * Heads in training against torch (golden/train/head.py), against finite differences, and against themselves: both
 * builds, twice, resumed.
 */

const base = await binaries.load('base');
const relaxed = relaxedModule().module;

const path = (name: string) => new URL(`../golden/train/${name}`, import.meta.url);

interface Case {
  name: string;
  config: {
    task: 'sequence' | 'token';
    problemType: HeadConfig['problemType'] | null;
    D: number;
    P: number;
    L: number;
    pre: boolean;
  };
  options: Omit<
    HeadBackendOptions,
    'per_device_train_batch_size' | 'gradient_accumulation_steps' | 'per_device_eval_batch_size'
  >;
  starts: number[];
  targets: number[];
  order: number[][];
  rates: number[];
  losses: number[];
  norms: number[];
  evaluation_loss: number;
}

const cases: Case[] = JSON.parse(readFileSync(path('head.json'), 'utf8')).cases;
const golden = readTensors(new Uint8Array(readFileSync(path('head.safetensors'))));

function readTensors(bytes: Uint8Array): Map<string, Float32Array> {
  const start = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let at = start;
  return new Map(
    parseHeader(bytes.subarray(8, start), bytes.length - start, 'head.safetensors').map(({ name, byteLength }) => {
      at += byteLength;
      return [name, new Float32Array(bytes.slice(at - byteLength, at).buffer)];
    }),
  );
}

/** The golden tensors whose names begin so. */
function tensors(prefix: string): Map<string, Float32Array> {
  const named = [...golden].filter(([name]) => name.startsWith(prefix));
  return new Map(named.map(([name, values]) => [name.slice(prefix.length), values]));
}

function headConfig({ config: { task, problemType, D, P, L, pre } }: Case): HeadConfig {
  const labels = Array.from({ length: L }, (_, i) => `l${i}`);
  const pooling = P > D ? 'layers' : 'cls';
  return { task, labels, problemType: problemType ?? undefined, pooling, preClassifier: pre, dim: D, width: P };
}

function backend(golden: Case, module = base, changed: Partial<HeadBackendOptions> = {}): HeadBackend {
  const config = headConfig(golden);
  const several = config.problemType === 'multi_label_classification';
  const features = new MemoryFeatures(config.width);
  features.append(tensors(`${golden.name}/`).get('features') as Float32Array);
  const set: FeatureSet = {
    features,
    starts: Uint32Array.from(golden.starts),
    targets: several ? Float32Array.from(golden.targets) : Int32Array.from(golden.targets),
  };
  return new HeadBackend(module, new Head(config, tensors(`${golden.name}/initial/`)), set, set, {
    ...golden.options,
    classWeights: tensors(`${golden.name}/`).get('classWeights'),
    per_device_train_batch_size: 8,
    gradient_accumulation_steps: 1,
    per_device_eval_batch_size: 5,
    ...changed,
  });
}

function train(backend: HeadBackend, { order, rates }: Case, from = 0, to = order.length) {
  return order.slice(from, to).map((rows, i) => backend.step(rows, from + i + 1, rates[from + i]));
}

/** |actual - expected| / |expected| of whole tensors. */
function relative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

describe.each(cases)('$name', (golden) => {
  const names = [...headShapes(headConfig(golden)).keys()];

  it('loss, norm and gradient of a step as torch', () => {
    const { loss, gradNorm, gradients } = backend(golden).gradients(golden.order[0], 1);
    expect(relative([loss], [golden.losses[0]])).toBeLessThan(2e-6);
    expect(relative([gradNorm], [golden.norms[0]])).toBeLessThan(2e-6);
    expect([...gradients.keys()]).toEqual(names);
    const expected = tensors(`${golden.name}/gradient/`);
    for (const [name, values] of gradients) {
      expect(relative(values, expected.get(name) as Float32Array), name).toBeLessThan(1e-5);
    }
  });

  it('losses, norms and weights of 20 steps as torch', () => {
    const trained = backend(golden);
    const results = train(trained, golden);
    results.forEach(({ loss, gradNorm }, i) => {
      expect(relative([loss], [golden.losses[i]]), `loss of step ${i + 1}`).toBeLessThan(2e-6);
      expect(relative([gradNorm], [golden.norms[i]]), `norm of step ${i + 1}`).toBeLessThan(1e-5);
    });
    const state = trained.state();
    const [initial, final] = [tensors(`${golden.name}/initial/`), tensors(`${golden.name}/final/`)];
    for (const name of names) {
      const values = state.get(name) as Float32Array;
      const [from, to] = [initial.get(name) as Float32Array, final.get(name) as Float32Array];
      expect(relative(values, to), name).toBeLessThan(1e-6);
      const change = relative(
        values.map((value, i) => value - from[i]),
        to.map((value, i) => value - from[i]),
      );
      expect(change, `change of ${name}`).toBeLessThan(1e-5);
    }
  });

  it('loss and logits of an evaluation as torch', () => {
    const { loss, logits } = backend(golden).evaluate();
    expect(relative([loss], [golden.evaluation_loss])).toBeLessThan(2e-6);
    expect(relative(logits, tensors(`${golden.name}/`).get('logits') as Float32Array)).toBeLessThan(1e-6);
  });

  it('the same bits in both builds, a second time, and with an evaluation after every step', () => {
    const [first, second, third] = [backend(golden), backend(golden, relaxed), backend(golden)];
    const results = train(first, golden);
    expect(train(second, golden)).toEqual(results);
    golden.order.forEach((rows, i) => {
      expect(third.step(rows, i + 1, golden.rates[i])).toEqual(results[i]);
      third.evaluate();
    });
    expect(second.state()).toEqual(first.state());
    expect(third.state()).toEqual(first.state());
    expect(second.evaluate()).toEqual(first.evaluate());
  });

  it('the same bits when it goes on from a state', () => {
    const whole = backend(golden);
    train(whole, golden);
    const [before, after] = [backend(golden), backend(golden)];
    train(before, golden, 0, 9);
    after.restore(before.state());
    train(after, golden, 9);
    expect(after.state()).toEqual(whole.state());
  });

  it('gradients as finite differences', () => {
    const differentiated = backend(golden);
    const { gradients } = differentiated.gradients(golden.order[0], 1);
    const state = differentiated.state();
    const next = random(1);
    const h = 2 ** -8;
    for (const [name, gradient] of gradients) {
      const weights = state.get(name) as Float32Array;
      for (let n = 0; n < 12; n++) {
        const i = Math.floor(next() * weights.length);
        const losses = [h, -h].map((change) => {
          const values = weights.slice();
          values[i] += change;
          differentiated.restore(new Map(state).set(name, values));
          return differentiated.gradients(golden.order[0], 1).loss;
        });
        const difference = (losses[0] - losses[1]) / (2 * h);
        // ReLU bends where a hidden value is within h of 0.
        expect(Math.abs(difference - gradient[i]), `${name} at ${i}: ${difference}, ${gradient[i]}`).toBeLessThan(1e-3);
      }
    }
  });
});

describe('HeadBackend', () => {
  const named = (name: string) => cases.find((golden) => golden.name === name) as Case;
  const plain = named('distilbert');
  const token = named('token, dropout');
  const several = named('distilbert, several labels');

  it('evaluates the same logits whatever the size of a batch', () => {
    for (const golden of [plain, token]) {
      const logits = backend(golden).evaluate().logits;
      for (const per_device_eval_batch_size of [1, 7, 1000]) {
        expect(backend(golden, base, { per_device_eval_batch_size }).evaluate().logits).toEqual(logits);
      }
    }
  });

  it('a batch without a labelled vector changes nothing', () => {
    const empty = { ...token, targets: token.targets.map(() => -100) };
    const untouched = backend(empty).state();
    const trained = backend(empty);
    expect(trained.step(token.order[0], 1, 0.1)).toEqual({ loss: 0, gradNorm: 0 });
    expect(trained.step([], 2, 0.1)).toEqual({ loss: 0, gradNorm: 0 });
    expect(trained.state()).toEqual(untouched);
    expect(trained.evaluate().loss).toBe(0);
    for (const values of trained.gradients([], 3).gradients.values()) {
      expect(values.every((value) => value === 0)).toBe(true);
    }
  });

  it.each([
    [Number.NaN, 'loss', 'NaN'],
    [Number.POSITIVE_INFINITY, 'loss', 'NaN'],
  ])('a weight of %f stops training', (wrong, what, got) => {
    for (const golden of [plain, token, several]) {
      const trained = backend(golden);
      const state = trained.state();
      (state.get('classifier.weight') as Float32Array)[5] = wrong;
      trained.restore(state);
      expect(() => trained.step(golden.order[0], 7, 0.1)).toThrow(
        `training: expected a finite ${what}, got ${got} at step 7 (a lower learning_rate may help)`,
      );
      expect(trained.state()).toEqual(state);
      expect(() => trained.evaluate()).toThrow('evaluation: expected a finite loss, got NaN (a lower');
    }
  });

  it('a gradient past f32 stops training though the loss is finite', () => {
    const config: HeadConfig = { ...headConfig(plain), labels: ['a', 'b'], dim: 1, width: 1 };
    const features = new MemoryFeatures(1);
    features.append(Float32Array.of(3e38));
    const set: FeatureSet = { features, starts: Uint32Array.of(0, 1), targets: Int32Array.of(0) };
    const weights = new Map([
      ['pre_classifier.weight', Float32Array.of(0)],
      ['pre_classifier.bias', Float32Array.of(0.001)],
      ['classifier.weight', Float32Array.of(100, -100)],
      ['classifier.bias', Float32Array.of(0, 0)],
    ]);
    const options = {
      ...plain.options,
      per_device_train_batch_size: 1,
      per_device_eval_batch_size: 1,
      gradient_accumulation_steps: 1,
    };
    const trained = new HeadBackend(base, new Head(config, weights), set, set, options);
    expect(trained.evaluate().loss).toBeLessThan(1);
    expect(() => trained.step([0], 1, 0.1)).toThrow('training: expected a finite gradient, got Infinity at step 1');
  });

  it('an infinite learning rate shows at the next step', () => {
    const trained = backend(plain);
    trained.step(plain.order[0], 1, Number.POSITIVE_INFINITY);
    expect(() => trained.step(plain.order[1], 2, 0.1)).toThrow('training: expected a finite loss, got NaN at step 2');
  });

  it('restores nothing but its own state', () => {
    const trained = backend(plain);
    const state = trained.state();
    const broken = (change: (state: Map<string, Float32Array>) => void) => {
      const copy = new Map(state);
      change(copy);
      return () => trained.restore(copy);
    };
    expect(broken((s) => s.delete('classifier.bias.exp_avg'))).toThrow(
      'classifier.bias.exp_avg: expected 3 values, got none',
    );
    expect(broken((s) => s.set('classifier.bias', new Float32Array(4)))).toThrow(
      'classifier.bias: expected 3 values, got 4',
    );
    expect(broken((s) => s.set('other', new Float32Array(4)))).toThrow('other: expected a tensor of the head');
    expect(trained.state()).toEqual(state);
  });

  it('refuses what does not fit', () => {
    expect(() => backend({ ...plain, targets: plain.targets.map((t, i) => (i === 3 ? 3 : t)) })).toThrow(
      'training: expected label ids below 3, or -100, got 3',
    );
    expect(() => backend({ ...plain, targets: plain.targets.map((t, i) => (i === 3 ? -1 : t)) })).toThrow('got -1');
    expect(() => backend({ ...plain, targets: plain.targets.slice(1) })).toThrow(
      'training: expected 24 targets, got 23',
    );
    expect(() => backend({ ...several, targets: several.targets.map(() => 2) })).toThrow(
      'training: expected targets from 0 to 1, got 2',
    );
    expect(() => backend({ ...plain, starts: plain.starts.slice(0, -1) })).toThrow(
      'training: expected rows of 24 vectors, got 23',
    );
    expect(() => backend(plain, base, { per_device_train_batch_size: 7 }).step(plain.order[0], 1, 0.1)).toThrow(
      'step: expected at most 7 rows, got 8',
    );
  });

  it('refuses a batch that WebAssembly cannot address', () => {
    const config = headConfig(token);
    const count = 40_000_000;
    const features = new MemoryFeatures(config.width);
    features.count = count;
    const set: FeatureSet = {
      features,
      starts: Uint32Array.of(0, count),
      targets: new Int32Array(count),
    };
    const options = {
      ...token.options,
      per_device_train_batch_size: 8,
      per_device_eval_batch_size: 8,
      gradient_accumulation_steps: 1,
    };
    expect(() => new HeadBackend(base, initialHead(config, 1), set, undefined, options)).toThrow(
      /^training: expected batches that need at most 4294967296 bytes, got \d+ for 40000000 vectors of 48 \(/,
    );
  });

  it('starts from weights that a seed gives', () => {
    const config = { ...headConfig(plain), dim: 200, width: 301 };
    const [first, second, other] = [initialHead(config, 1), initialHead(config, 1), initialHead(config, 2)];
    expect(second.save()).toEqual(first.save());
    const weights = first.tensors.get('pre_classifier.weight') as Float32Array;
    expect(other.tensors.get('pre_classifier.weight')?.some((value, i) => value === weights[i])).toBe(false);
    expect(weights.subarray(0, 100)).not.toEqual(first.tensors.get('classifier.weight')?.subarray(0, 100));
    const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
    const deviation = Math.sqrt(weights.reduce((sum, value) => sum + value ** 2, 0) / weights.length);
    expect(Math.abs(mean)).toBeLessThan(3e-4);
    expect(deviation).toBeCloseTo(0.02, 4);
    expect(weights.every((value) => Math.abs(value) <= 0.0347)).toBe(true);
    expect(first.tensors.get('pre_classifier.bias')?.every((value) => value === 0)).toBe(true);
  });
});
