import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import type { KernelBinaries } from '../../src/engine/kernels.ts';
import { shareOf } from '../../src/engine/member.ts';
import { Model, type ModelOptions } from '../../src/engine/model.ts';
import type { ThreadSetup } from '../../src/engine/thread.ts';
import { loadConfig } from '../../src/model/config.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { directorySource } from '../../src/platform/node-files.ts';
import { readTexts } from '../drift/golden.ts';
import { binaries, relaxedModule } from '../fixtures/kernels.ts';
import { tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';

/** Loads a model and waits for its threads: a piece is computed by those that have started. */
async function load(files: Record<string, Uint8Array> | string, options?: ModelOptions, kernels = binaries) {
  const source = typeof files === 'string' ? directorySource(files) : bytesSource('tiny', files);
  const model = await Model.load(source, await loadConfig(source), kernels, options);
  await vi.waitFor(() => expect(model.threads).toBe(options?.threads ?? 1), { timeout: 20_000 });
  return model;
}

describe('any number of threads gives the bits of one', () => {
  const tiny = [
    { name: 'q8', files: () => tinyOwnModel('sequence') },
    { name: 'f32', files: async () => tinyModel('sequence') },
  ];
  // More threads than tokens, and than heads, among them.
  it.each(tiny)('$name, ragged batches, every pooling', async ({ files }) => {
    const given = await files();
    const one = await load(given);
    const { vocabSize, positions } = one.config;
    const batches = [[1], [2], [3, 1], [positions, 1, 5, 2], [7, positions - 1, 3, 3, 1, 6]].map((lengths) =>
      lengths.map((length, b) => Array.from({ length }, (_, t) => (7 * t + 3 * b) % vocabSize)),
    );
    for (const threads of [2, 3, 5]) {
      const several = await load(given, { threads });
      for (const batch of batches) {
        expect(several.logits(batch)).toEqual(one.logits(batch));
        expect(several.hiddenStates(batch)).toEqual(one.hiddenStates(batch));
        for (const pooling of ['cls', 'mean', 'layers'] as const) {
          expect(several.features(batch, pooling)).toEqual(one.features(batch, pooling));
        }
      }
      several.dispose();
    }
    one.dispose();
  });

  it('the default model, in pieces of many sequences and of one', async () => {
    const directory = fileURLToPath(new URL('../../models/sentiment', import.meta.url));
    const ids = readTexts()
      .filter((_, i) => i % 8 === 2)
      .map((text) => Int32Array.from(text.ids));
    const [one, two] = [await load(directory), await load(directory, { threads: 2 })];
    const expected = one.logits(ids);
    for (let pass = 0; pass < 3; pass++) expect(two.logits(ids)).toEqual(expected);
    expect(Float32Array.from(ids.flatMap((each) => Array.from(two.logits([each]))))).toEqual(expected);
    one.dispose();
    two.dispose();
  });

  it('the relaxed build too, which has kernels of its own for shared memory', async () => {
    const [alone, shared] = ['relaxed', 'relaxed-threads'].map((file) => relaxedModule(file).module);
    const kernels: KernelBinaries = { ...binaries, load: async (_, isShared) => (isShared ? shared : alone) };
    const files = await tinyOwnModel('sequence');
    const one = await load(files, { simd: 'base' });
    const two = await load(files, { simd: 'relaxed', threads: 2 }, kernels);
    const batch = [
      [1, 2, 3, 4, 5, 6, 7],
      [4, 2, 1],
    ];
    expect([two.simd, two.threads]).toEqual(['relaxed', 2]);
    expect(two.logits(batch)).toEqual(one.logits(batch));
    one.dispose();
    two.dispose();
  });

  it('texts computed before a thread has started, and as it does', async () => {
    const files = await tinyOwnModel('sequence');
    const source = bytesSource('tiny', files);
    let start = () => {};
    const late: KernelBinaries = {
      ...binaries,
      startThread: (setup) => {
        start = () => binaries.startThread?.(setup);
      },
    };
    const model = await Model.load(source, await loadConfig(source), late, { threads: 2 });
    const one = await load(files);
    const ids = [
      [1, 2, 3, 4, 5],
      [4, 2, 1],
    ];
    const expected = one.logits(ids);
    expect(model.threads).toBe(1);
    expect(model.logits(ids)).toEqual(expected);
    start();
    for (let pass = 0; pass < 200 || model.threads < 2; pass++) {
      expect(model.logits(ids)).toEqual(expected);
      await new Promise(setImmediate);
    }
    model.dispose();
    one.dispose();
  });
});

it('shares are whole, in order, and nobody goes without where there is enough', () => {
  for (const things of [0, 1, 2, 7, 128]) {
    for (const count of [1, 2, 3, 8]) {
      const shares = Array.from({ length: count }, (_, index) => shareOf(things, { index, count }));
      expect(shares[0].from).toBe(0);
      expect(shares.at(-1)?.to).toBe(things);
      shares.slice(1).forEach(({ from }, i) => void expect(from).toBe(shares[i].to));
      const sizes = shares.map(({ from, to }) => to - from);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  }
});

describe('threads and models', () => {
  /** Kernels whose threads are counted as they end; `change` is done to what each is posted. */
  function watched(change = (setup: ThreadSetup) => setup): { kernels: KernelBinaries; running: () => number } {
    let running = 0;
    const thread = new URL('../../src/platform/node-thread.ts', import.meta.url);
    const startThread = (setup: unknown) => {
      running++;
      new Worker(thread, { workerData: change(setup as ThreadSetup) }).on('exit', () => running--);
    };
    return { kernels: { ...binaries, startThread }, running: () => running };
  }

  it('end with the last of the models that share them', async () => {
    const { kernels, running } = watched();
    const first = await load(await tinyOwnModel('sequence'), { threads: 3 }, kernels);
    const second = first.share();
    const expected = first.logits([[1, 2, 3]]);
    first.dispose();
    first.dispose();
    expect(second.logits([[1, 2, 3]])).toEqual(expected);
    expect(running()).toBe(2);
    second.dispose();
    await vi.waitFor(() => expect(running()).toBe(0), { timeout: 20_000 });
  });

  it('end where loading fails', async () => {
    const { kernels, running } = watched();
    const files = await tinyOwnModel('sequence');
    const source = bytesSource('tiny', files);
    const config = await loadConfig(source);
    const broken = bytesSource('tiny', { ...files, 'encoder.safetensors': files['encoder.safetensors'].slice(0, -8) });
    await expect(Model.load(broken, config, kernels, { threads: 2 })).rejects.toThrow(/encoder\.safetensors/);
    await vi.waitFor(() => expect(running()).toBe(0), { timeout: 20_000 });
  });

  it('a thread that fails is an error at every call, not a wait without end', async () => {
    const broken = watched((setup) => ({ ...setup, weights: { ...setup.weights, layers: undefined as never } }));
    const failing = await load(await tinyOwnModel('sequence'), { threads: 2 }, broken.kernels);
    const other = failing.share();
    for (const model of [failing, other, failing]) {
      expect(() => model.logits([[1, 2, 3, 4, 5, 6, 7, 8]])).toThrow(
        'threads: expected all to go on, got one that failed',
      );
    }
    failing.dispose();
    other.dispose();
    await vi.waitFor(() => expect(broken.running()).toBe(0), { timeout: 20_000 });
  });

  it('one that cannot be started is an error, one that does not come up is missed by none', async () => {
    const files = await tinyOwnModel('sequence');
    const refusing = () => {
      throw new Error('not allowed');
    };
    await expect(load(files, { threads: 3 }, { ...binaries, startThread: refusing })).rejects.toThrow(
      'threads: expected to start 2, got not allowed',
    );
    const source = bytesSource('tiny', files);
    const none = { ...binaries, startThread: () => {} };
    const model = await Model.load(source, await loadConfig(source), none, { threads: 3 });
    expect(model.threads).toBe(1);
    expect(model.logits([[1, 2, 3]]).length).toBeGreaterThan(0);
    model.dispose();
  });

  it('end with a model that is dropped without dispose', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { kernels, running } = watched();
    await (async () => void (await load(await tinyOwnModel('sequence'), { threads: 2 }, kernels)))();
    await vi.waitFor(
      () => {
        collect();
        expect(running()).toBe(0);
      },
      { timeout: 20_000 },
    );
  });

  it.each([0, -1, 1.5, 65, Number.NaN, '2' as unknown as number])('threads: %s is refused', async (threads) => {
    await expect(load(await tinyOwnModel(), { threads })).rejects.toThrow(
      `threads: expected a whole number from 1 to 64, got ${threads}`,
    );
  });

  it('more than one is refused where there are none', async () => {
    const { load: loadKernels } = binaries;
    await expect(load(await tinyOwnModel(), { threads: 2 }, { load: loadKernels })).rejects.toThrow(
      'threads: expected 1 where memory is not shared (a page must be cross-origin isolated), got 2',
    );
  });
});
