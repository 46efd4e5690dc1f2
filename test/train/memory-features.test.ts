import { expect, test } from 'vitest';
import { MemoryFeatures } from '../../src/train/memory-features.ts';

test('vectors come back as they were, across chunks', () => {
  const width = 300_000; // 3 vectors a chunk
  const features = new MemoryFeatures(width);
  const vector = (i: number) => new Float32Array(width).fill(i);
  features.append(vector(0));
  const several = new Float32Array(4 * width);
  for (let i = 0; i < 4; i++) several.set(vector(i + 1), i * width);
  features.append(several);
  features.append(new Float32Array(0));
  features.append(vector(5));
  expect(features.count).toBe(6);
  const into = new Float32Array(4 * width + 1).fill(9);
  features.read(1, 5, into);
  expect([0, 1, 2, 3].map((i) => [into[i * width], into[(i + 1) * width - 1]])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
  expect(into[4 * width]).toBe(9);
  features.read(5, 6, into);
  expect(into[0]).toBe(5);
  expect(() => features.read(5, 7, into)).toThrow('features: expected vectors of 0 to 6, got 5 to 7');
});

test('a vector wider than a chunk has one of its own', () => {
  const features = new MemoryFeatures(2 ** 20 + 1);
  features.append(new Float32Array(2 ** 20 + 1).fill(3));
  const into = new Float32Array(2 ** 20 + 1);
  features.read(0, 1, into);
  expect(into.at(-1)).toBe(3);
});
