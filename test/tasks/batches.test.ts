import { expect, test } from 'vitest';
import { inBatches } from '../../src/tasks/batches.ts';

const batchesOf = (counts: readonly number[], mostItems?: number) =>
  [...inBatches(counts, (tokens) => ({ tokens }), mostItems)].map((batch) => batch.map(({ tokens }) => tokens));

test('batches hold at most 512 tokens, in order', () => {
  expect(batchesOf([500, 12, 1, 511, 2, 300, 300])).toEqual([[500, 12], [1, 511], [2, 300], [300]]);
});

test('an item of more is a batch of its own', () => {
  expect(batchesOf([3, 2000, 2000, 4, 5])).toEqual([[3], [2000], [2000], [4, 5]]);
});

test('of so many items at most', () => {
  expect(batchesOf([1, 2, 3, 400, 200], 2)).toEqual([[1, 2], [3, 400], [200]]);
  expect(batchesOf([1, 2], 1)).toEqual([[1], [2]]);
});

test('nothing makes no batch', () => {
  expect(batchesOf([])).toEqual([]);
});

test('each item is read once, and none further ahead than the first that does not fit', () => {
  const read: number[] = [];
  const batches = inBatches([0, 1, 2, 3, 4], (item: number) => {
    read.push(item);
    return { item, tokens: 200 };
  });
  expect(read).toEqual([]);
  expect(batches.next().value?.map(({ item }: { item: number }) => item)).toEqual([0, 1]);
  expect(read).toEqual([0, 1, 2]);
  expect([...batches].map((batch) => batch.map(({ item }) => item))).toEqual([[2, 3], [4]]);
  expect(read).toEqual([0, 1, 2, 3, 4]);
});
