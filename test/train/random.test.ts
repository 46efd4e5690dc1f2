import { expect, test } from 'vitest';
import { drawer, philox, shuffled } from '../../src/train/random.ts';

/** Random123's kat_vectors (github.com/DEShawResearch/random123, v1.14.0): counter, key, result. */
const KNOWN = [
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
];
const words = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));

test.each(KNOWN)('philox of %s under %s', (counter, key, result) => {
  expect([...philox(words(counter), words(key))]).toEqual(words(result));
});

test('an order has every row once, and another each epoch and each seed', () => {
  const orders = [shuffled(1000, 1, 0), shuffled(1000, 1, 1), shuffled(1000, 2, 0)];
  for (const order of orders)
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(orders[0]).toEqual(shuffled(1000, 1, 0));
  expect(orders[0]).not.toEqual(orders[1]);
  expect(orders[0]).not.toEqual(orders[2]);
  expect([...shuffled(1, 1, 0)]).toEqual([0]);
  expect(shuffled(0, 1, 0)).toHaveLength(0);
});

test('every order of four rows is as likely', () => {
  const counts = new Map<string, number>();
  for (let epoch = 0; epoch < 24_000; epoch++) {
    const order = shuffled(4, 7, epoch).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // Chi-square of 23 degrees of freedom: above 50 in one of 1,000 tries.
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chi).toBeLessThan(50);
});

test('numbers below a bound that does not divide 2^32 are as likely', () => {
  // A remainder of 2^32 words would give those below 2^30 twice as often as the others.
  const below = drawer(1, 2, 3);
  const numbers = Array.from({ length: 3000 }, () => below(3 * 2 ** 30));
  for (const third of [0, 1, 2]) {
    const count = numbers.filter((number) => Math.floor(number / 2 ** 30) === third).length;
    expect(count).toBeGreaterThan(900);
    expect(count).toBeLessThan(1100);
  }
});
