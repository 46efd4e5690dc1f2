import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { featureCache } from '../../src/platform/node-features.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import { random } from '../fixtures/random.ts';
import { smallDisk } from './small-disk.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
});
afterEach(() => rm(directory, { recursive: true }));

const WIDTH = 12;

/** What every cache does, wherever it keeps its vectors. */
test.each([
  ['memory', () => (width: number) => new MemoryFeatures(width)],
  ...[0, 1000, 5000, 1e9].map((bytes) => [`${bytes} bytes of memory`, () => featureCache(directory, bytes)] as const),
] as const)('vectors read back from memory and file alike: %s', async (_, newFactory) => {
  const next = random(1);
  const newFeatures = newFactory();
  const caches = [newFeatures(WIDTH), newFeatures(WIDTH)]; // they share the memory
  const written = caches.map(() => [] as number[]);
  for (let append = 0; append < 40; append++) {
    const vectors = Float32Array.from({ length: WIDTH * Math.floor(next() * 5) }, next);
    caches[append % 2].append(vectors);
    written[append % 2].push(...vectors);
  }
  for (const [i, cache] of caches.entries()) {
    expect(cache.count).toBe(written[i].length / WIDTH);
    for (let read = 0; read < 50; read++) {
      const from = Math.floor(next() * (cache.count + 1));
      const to = from + Math.floor(next() * (cache.count + 1 - from));
      const into = new Float32Array((to - from) * WIDTH + 3).fill(-1);
      cache.read(from, to, into);
      expect(Array.from(into)).toEqual([...written[i].slice(from * WIDTH, to * WIDTH), -1, -1, -1]);
    }
  }
  for (const cache of caches) {
    const { count } = cache;
    for (const [from, to] of [
      [0, count + 1],
      [count, count + 1],
      [count + 1, count + 1],
      [2, 1],
      [-1, 1],
    ]) {
      expect(() => cache.read(from, to, new Float32Array(99_999))).toThrow(
        new UsageError(`features: expected vectors of 0 to ${count}, got ${from} to ${to}`),
      );
    }
  }
  // Nothing to be seen, so nothing that a killed process would leave.
  expect(await readdir(directory)).toEqual([]);
  for (const cache of caches) {
    cache.close();
    cache.close();
    expect(cache.count).toBe(0);
  }
});

test('caches of one factory share its memory', async () => {
  const newFeatures = featureCache(join(directory, 'none'), 2 * WIDTH * 4);
  const [first, second] = [newFeatures(WIDTH), newFeatures(WIDTH)];
  first.append(new Float32Array(2 * WIDTH));
  // It has to write now, where there is no directory.
  expect(() => second.append(new Float32Array(WIDTH))).toThrow(DataError);
});

test('a directory that cannot be written, and a full disk, are told', async (context) => {
  const none = join(directory, 'none');
  expect(() => featureCache(none, 0)(WIDTH).append(new Float32Array(WIDTH))).toThrow(
    new DataError(`${none}: expected room for the cached features, got ENOENT`),
  );
  const disk = await smallDisk(join(directory, 'disk'), 64);
  if (!disk) context.skip('needs a right to mount');
  const features = featureCache(join(directory, 'disk'), 0)(WIDTH);
  expect(() => features.append(new Float32Array(100_000 * WIDTH))).toThrow(
    new DataError(`${join(directory, 'disk')}: expected room for the cached features, got ENOSPC`),
  );
  features.close();
  await disk?.unmount();
});
