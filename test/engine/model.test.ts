import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import binaryen from 'binaryen';
import { describe, expect, it } from 'vitest';
import { type KernelBinaries, relaxedIsExact } from '../../src/engine/kernels.ts';
import { Model, type ModelOptions } from '../../src/engine/model.ts';
import { UsageError } from '../../src/errors.ts';
import { loadConfig } from '../../src/model/config.ts';
import { featureWidth, Head, type HeadConfig, headShapes } from '../../src/model/head.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { directorySource } from '../../src/platform/node-files.ts';
import { binaries, onMemory } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';
import { safetensorsFile, tinyModel, tinyOwnModel, tinyTensors } from '../fixtures/tiny-model.ts';

const goldens = new URL('../golden/engine/', import.meta.url);

interface Result {
  ids: number[];
  hidden: number[];
  /** Means of the embeddings and of each layer, side by side. */
  layers: number[];
  logits: number[];
}

async function load(name: string, options?: ModelOptions): Promise<{ model: Model; results: Result[] }> {
  const source = directorySource(fileURLToPath(new URL(name, goldens)));
  const model = await Model.load(source, await loadConfig(source), binaries, options);
  const { results } = JSON.parse(readFileSync(new URL(`${name}/golden.json`, goldens), 'utf8'));
  return { model, results };
}

async function loadTiny(files: Record<string, Uint8Array>, kernels: KernelBinaries = binaries, options?: ModelOptions) {
  const source = bytesSource('tiny', files);
  return Model.load(source, await loadConfig(source), kernels, options);
}

/** f32 rounding over two layers; transformers itself differs by as much between attention implementations. */
const TOLERANCE = 2e-6;

function expectClose(actual: Float32Array, expected: readonly number[], tolerance = TOLERANCE): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i] - expected[i]), `element ${i}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i])),
    );
  }
}

describe('the f32 engine computes what transformers does', () => {
  it.each(['sequence', 'token-relu', 'bert-token'])('%s', async (name) => {
    const { model, results } = await load(name);
    const batch = results.map(({ ids }) => ids);
    for (const [i, states] of model.hiddenStates(batch).entries()) expectClose(states, results[i].hidden);
    const D = model.config.dim;
    expectClose(
      model.features(batch, 'cls'),
      results.flatMap(({ hidden }) => hidden.slice(0, D)),
    );
    expectClose(
      model.features(batch, 'mean'),
      results.flatMap(({ layers }) => layers.slice(-D)),
    );
    expectClose(
      model.features(batch, 'layers'),
      results.flatMap(({ layers }) => layers),
    );
    if (model.config.head === 'sequence') {
      expectClose(
        model.logits(batch),
        results.flatMap(({ logits }) => logits),
      );
    } else {
      for (const [i, logits] of model.tokenLogits(batch).entries()) expectClose(logits, results[i].logits);
    }
    model.dispose();
  });
});

it('gives the same bits whatever the token budget', async () => {
  const { model, results } = await load('sequence');
  const batch = results.map(({ ids }) => ids);
  const expected = model.logits(batch);
  for (const maxTokens of [1, 41, 60, 5000]) {
    const other = (await load('sequence', { maxTokens })).model;
    expect(other.logits(batch)).toEqual(expected);
  }
});

it('a head of the other kind is an error', async () => {
  const { model: sequence } = await load('sequence');
  expect(() => sequence.tokenLogits([[1]])).toThrow('model: expected a token head, got sequence');
  const { model: token } = await load('token-relu');
  expect(() => token.logits([[1]])).toThrow('model: expected a sequence head, got token');
});

describe('another head on the encoder', () => {
  const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  const headOf = (config: Partial<HeadConfig>) => {
    const whole = {
      task: 'sequence',
      labels,
      pooling: 'cls',
      preClassifier: false,
      dim: 32,
      width: 32,
      ...config,
    } as const;
    const next = random(4);
    const tensors = Array.from(headShapes(whole), ([name, shape]) => {
      const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => next() - 0.5);
      return [name, values] as const;
    });
    return new Head(whole, new Map(tensors));
  };
  const batch = [[2, 5, 3], [2, 3], Array.from({ length: 64 }, (_, i) => i)];

  it('takes its place and leaves the encoder as it was', async () => {
    const model = await loadTiny(await tinyOwnModel());
    const own = model.head as Head;
    const before = { logits: model.logits(batch), states: model.hiddenStates(batch), total: model.memory.total };
    model.use(headOf({ pooling: 'layers', width: 96 }));
    expect(model.config).toMatchObject({ head: 'sequence', labels, pooling: 'layers', preClassifier: false });
    expect(model.logits(batch).length).toBe(3 * 9);
    model.use(headOf({ task: 'token' }));
    expect(model.tokenLogits(batch).map(({ length }) => length)).toEqual([27, 18, 576]);
    expect(() => model.logits(batch)).toThrow('expected a sequence head, got token');
    expect(model.hiddenStates(batch)).toEqual(before.states);
    model.use(Head.load(own.save()));
    expect(model.logits(batch)).toEqual(before.logits);
    expect(model.memory.total).toBe(before.total);
  });

  it.each(['cls', 'mean', 'layers'] as const)('computes W x + b of the %s features', async (pooling) => {
    const model = await loadTiny(await tinyOwnModel('none'));
    const P = featureWidth(model.config, pooling);
    const head = headOf({ pooling, width: P });
    model.use(head);
    const [weight, bias] = ['classifier.weight', 'classifier.bias'].map(
      (name) => head.tensors.get(name) as Float32Array,
    );
    const features = model.features(batch, pooling);
    const expected = batch.flatMap((_, b) =>
      labels.map((_, l) => {
        let sum = bias[l];
        for (let i = 0; i < P; i++) sum += weight[l * P + i] * features[b * P + i];
        return sum;
      }),
    );
    expectClose(model.logits(batch), expected, 1e-5);
  });

  it('reads all layers of each token, side by side', async () => {
    const model = await loadTiny(await tinyOwnModel('none'));
    const D = 32;
    const layers = model.tokenFeatures(batch, 'layers');
    const last = model.hiddenStates(batch);
    const means = model.features(batch, 'layers');
    batch.forEach(({ length: T }, b) => {
      const mean = new Float64Array(3 * D);
      for (let t = 0; t < T; t++) {
        expect(layers[b].subarray((3 * t + 2) * D, (3 * t + 3) * D)).toEqual(last[b].subarray(t * D, (t + 1) * D));
        for (let i = 0; i < 3 * D; i++) mean[i] += layers[b][t * 3 * D + i] / T;
      }
      expectClose(means.slice(b * 3 * D, (b + 1) * 3 * D), Array.from(mean), 1e-5);
    });
    model.use(headOf({ task: 'token', pooling: 'layers', width: 96 }));
    expect(model.tokenLogits(batch).map(({ length }) => length)).toEqual([27, 18, 576]);
  });

  it('must fit the encoder', async () => {
    const model = await loadTiny(await tinyOwnModel());
    expect(() => model.use(headOf({ dim: 16, width: 16 }))).toThrow(
      'head: expected one for D = 32 and 2 layers, got D = 16, P = 16',
    );
    expect(() => model.use(headOf({ pooling: 'layers' }))).toThrow('got D = 32, P = 32');
    expect(() => model.use(headOf({ encoder: 'a'.repeat(64) }))).toThrow(
      /expected one for the encoder with SHA-256 .*, got one for aaa/,
    );
  });
});

it('a dtype that the model does not hold is an error', async () => {
  await expect(loadTiny(tinyModel(), binaries, { dtype: 'q8' })).rejects.toThrow(/expected dtype fp32.*quantize/);
  const own = await tinyOwnModel();
  await expect(loadTiny(own, binaries, { dtype: 'fp32' })).rejects.toThrow(/expected dtype q8/);
});

describe('the relaxed build', () => {
  it('runs on auto exactly where its dot is exact', async () => {
    const relaxed = await binaries.load('relaxed').catch(() => undefined);
    const exact = relaxed !== undefined && relaxedIsExact(relaxed);
    const model = await loadTiny(await tinyOwnModel());
    expect(model.simd).toBe(exact ? 'relaxed' : 'base');
  });

  it('is not taken where the probe finds the dot inexact', async () => {
    // Right for the first probe, whose products are small, and wrong for the others, as a dot that saturates is.
    const text = '(module (func (export "probeDot") (param i32 i32) (result i32) (i32.const 70)))';
    const saturating = new WebAssembly.Module(binaryen.parseText(text).emitBinary() as Uint8Array<ArrayBuffer>);
    const kernels: KernelBinaries = {
      load: async (build) => (build === 'relaxed' ? saturating : binaries.load(build)),
    };
    expect((await loadTiny(await tinyOwnModel(), kernels)).simd).toBe('base');
    await expect(loadTiny(await tinyOwnModel(), kernels, { simd: 'relaxed' })).rejects.toThrow(UsageError);
  });
});

describe('an overflow in the encoder', () => {
  it('is an error of hidden states too', async () => {
    const huge = tinyModel();
    const tensors = tinyTensors().map((tensor) => {
      if (!tensor.name.endsWith('word_embeddings.weight')) return tensor;
      return { ...tensor, bytes: new Uint8Array(new Float32Array(tensor.bytes.length / 4).fill(3e38).buffer) };
    });
    const model = await loadTiny({ ...huge, 'model.safetensors': safetensorsFile(tensors) });
    expect(() => model.hiddenStates([[2, 5, 3]])).toThrow(/expected finite results, got NaN/);
  });
});

describe('softmax and sigmoid of a model', () => {
  it('take any number of rows, as long as one fits', async () => {
    const model = await loadTiny(tinyModel());
    const values = Float32Array.from({ length: 30_000 * 3 }, (_, i) => Math.fround((i % 7) - 3));
    const rows = model.softmax(values, 3);
    expect(rows.length).toBe(values.length);
    expect(rows.subarray(21 * 3, 22 * 3)).toEqual(rows.subarray(0, 3));
    expect(rows.subarray(29_400 * 3)).toEqual(rows.subarray(0, 600 * 3));
    expect(model.sigmoid(values).at(-1)).toBe(model.sigmoid(values.slice(-1))[0]);
    expect(() => model.softmax(values, 7)).toThrow('expected rows of 7');
    const long = new Float32Array(2_000_000);
    expect(() => model.softmax(long, long.length)).toThrow(/expected rows of at most \d+, got 2000000/);
  });
});

it('dispose gives the memory back, though the model itself is still held', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const memories: WeakRef<WebAssembly.Memory>[] = [];
  const held: Model[] = [];
  const stop = onMemory((memory) => memories.push(new WeakRef(memory)));
  try {
    const files = await tinyOwnModel();
    for (let i = 0; i < 20; i++) {
      const model = await loadTiny(files);
      model.logits([[2, 5, 3]]);
      held.push(model);
    }
  } finally {
    stop();
  }
  const alive = async () => {
    // WeakRefs hold on until the task ends.
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
    return memories.filter((memory) => memory.deref()?.buffer.byteLength).length;
  };
  expect(await alive()).toBeGreaterThanOrEqual(20);
  for (const model of held) {
    model.dispose();
    model.dispose();
    expect(() => model.logits([[2, 5, 3]])).toThrow('expected a loaded model, got one that was disposed of');
  }
  expect(await alive()).toBe(0);
});
