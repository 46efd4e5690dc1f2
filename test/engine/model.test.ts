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
import { bytesSource } from '../../src/model/source.ts';
import { directorySource } from '../../src/platform/node-files.ts';
import { binaries } from '../fixtures/kernels.ts';
import { tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';

const goldens = new URL('../golden/engine/', import.meta.url);

interface Result {
  ids: number[];
  hidden: number[];
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

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i] - expected[i]), `element ${i}`).toBeLessThanOrEqual(
      TOLERANCE * Math.max(1, Math.abs(expected[i])),
    );
  }
}

describe('the f32 engine computes what transformers does', () => {
  it.each(['sequence', 'token-relu', 'bert-token'])('%s', async (name) => {
    const { model, results } = await load(name);
    const batch = results.map(({ ids }) => ids);
    for (const [i, states] of model.hiddenStates(batch).entries()) expectClose(states, results[i].hidden);
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
    // A dot that saturates at 16 bits, as x86 without AVX-VNNI does: right for (1, 255), not for (127, 255).
    const text = `(module (func (export "probeDot") (param $a i32) (param $b i32) (result i32)
      (local $pair i32)
      (local.set $pair (i32.mul (i32.const 2) (i32.mul (local.get $a) (local.get $b))))
      (i32.mul (i32.const 2) (select (local.get $pair) (i32.const 32767)
        (i32.lt_s (local.get $pair) (i32.const 32767))))))`;
    const saturating = new WebAssembly.Module(binaryen.parseText(text).emitBinary() as Uint8Array<ArrayBuffer>);
    const kernels: KernelBinaries = {
      load: async (build) => (build === 'relaxed' ? saturating : binaries.load(build)),
    };
    expect((await loadTiny(await tinyOwnModel(), kernels)).simd).toBe('base');
    await expect(loadTiny(await tinyOwnModel(), kernels, { simd: 'relaxed' })).rejects.toThrow(UsageError);
  });
});

it('dispose gives the memory back, though the model itself is still held', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const memories: WeakRef<WebAssembly.Memory>[] = [];
  const { Memory } = WebAssembly;
  const held: Model[] = [];
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(new WeakRef(this));
    }
  };
  try {
    const files = await tinyOwnModel();
    for (let i = 0; i < 20; i++) {
      const model = await loadTiny(files);
      model.logits([[2, 5, 3]]);
      held.push(model);
    }
  } finally {
    WebAssembly.Memory = Memory;
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
