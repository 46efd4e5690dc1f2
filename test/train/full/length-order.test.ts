import { expect, test } from 'vitest';
import { orderByLength } from '../../../src/train/full/length-order.ts';
import { random } from '../../fixtures/random.ts';

const next = random(1);
const lengths = Uint32Array.from({ length: 1003 }, () => 3 + Math.floor(next() ** 3 * 60));

/** Tokens that are padding, of all that a batch takes. */
function padding(order: ArrayLike<number>, batch: number): number {
  let [tokens, places] = [0, 0];
  for (let from = 0; from < order.length; from += batch) {
    const own = Array.from(order)
      .slice(from, from + batch)
      .map((row) => lengths[row]);
    tokens += own.reduce((a, b) => a + b);
    places += Math.max(...own) * own.length;
  }
  return 1 - tokens / places;
}

test('every row comes once, in batches of about one length', () => {
  const order = orderByLength(lengths, 8, 42, 0);
  expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from(lengths.keys()));
  const plain = Array.from(lengths.keys());
  expect(padding(plain, 8)).toBeGreaterThan(0.4);
  expect(padding(order, 8)).toBeLessThan(0.1);
});

test('long and short batches come in any order, another in each epoch and with each seed', () => {
  const order = orderByLength(lengths, 8, 42, 0);
  const means = Array.from({ length: 125 }, (_, i) => lengths[order[8 * i]]);
  const falls = means.filter((mean, i) => i > 0 && mean < means[i - 1]).length;
  expect(falls).toBeGreaterThan(40);
  expect(falls).toBeLessThan(85);
  expect(orderByLength(lengths, 8, 42, 0)).toEqual(order);
  expect(orderByLength(lengths, 8, 42, 1)).not.toEqual(order);
  expect(orderByLength(lengths, 8, 43, 0)).not.toEqual(order);
});

test('rows of one length are mixed, however they lie in the file, and otherwise in each epoch', () => {
  const batches = (epoch: number) => {
    const order = Array.from(orderByLength(new Uint32Array(160).fill(9), 16, 42, epoch));
    return Array.from({ length: 10 }, (_, i) => order.slice(16 * i, 16 * (i + 1)).sort((a, b) => a - b));
  };
  // The first half of the file is of one label.
  for (const batch of batches(0)) {
    const first = batch.filter((row) => row < 80).length;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThan(15);
  }
  const seen = new Set(batches(0).map(String));
  expect(batches(1).filter((batch) => seen.has(String(batch)))).toEqual([]);
});

test('the batches of a run are of about one length too', () => {
  const order = orderByLength(lengths, 4, 42, 0, 5);
  expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from(lengths.keys()));
  expect(padding(order, 20)).toBeLessThan(0.25);
  expect(padding(orderByLength(lengths, 4, 42, 0), 20)).toBeGreaterThan(0.5);
});

test.each([0, 1, 7, 8, 9])('%i rows in batches of 8', (count) => {
  const order = orderByLength(lengths.subarray(0, count), 8, 1, 0);
  expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
});
