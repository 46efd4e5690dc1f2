import { expect, test } from 'vitest';
import { compare, interleave, threadTime } from '../../bench/pairs.ts';

/** Contestants that take a stated time on a clock of their own, and a record of who ran when. */
function simulate(costs: Record<string, (call: number) => number>) {
  let now = 0;
  const order: string[] = [];
  const contestants = Object.entries(costs).map(([name, cost]) => ({
    name,
    run: () => {
      now += cost(order.length);
      order.push(name);
    },
  }));
  return { contestants, order, clock: () => now };
}

test('every contestant runs once a step, and follows each other one as often', async () => {
  const { contestants, order, clock } = simulate({ a: () => 1, b: () => 1, c: () => 1 });
  await interleave(contestants, { rounds: 3, warmup: 0, steps: 2, clock });
  expect(order.join('').match(/.../g)).toEqual(['abc', 'bac', 'cab', 'acb', 'bca', 'cba']);
});

test('warm-up rounds run but are not counted; steps of a round add up', async () => {
  const { contestants, order, clock } = simulate({ a: () => 2, b: () => 5 });
  const rounds = await interleave(contestants, { rounds: 2, warmup: 1, steps: 4, clock });
  expect(order.length).toBe(3 * 4 * 2);
  expect(rounds.get('a')).toEqual([8, 8]);
  expect(rounds.get('b')).toEqual([20, 20]);
});

test('speed-up is the median of the ratios of a round, so a slow spell of the machine cancels', async () => {
  const spell = (call: number) => (call >= 20 && call < 40 ? 3 : 1);
  const { contestants, clock } = simulate({ old: (call) => 10 * spell(call), new: (call) => 4 * spell(call) });
  const rounds = await interleave(contestants, { rounds: 30, warmup: 0, clock });
  const result = compare(rounds, 'old', 'new');
  expect(result).toEqual({ baseline: 10, candidate: 4, speedup: 2.5, interval: [2.5, 2.5], rounds: 30 });
  expect(() => compare(rounds, 'old', 'none')).toThrow('expected a contestant "none", got old,new');
});

test('threadTime grows with work on this thread', () => {
  const start = threadTime();
  let sum = 0;
  for (let i = 0; i < 2e7; i++) sum += i % 7;
  expect(sum).toBeGreaterThan(0);
  expect(threadTime()).toBeGreaterThan(start);
});
