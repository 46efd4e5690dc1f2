import { expect, test } from 'vitest';
import type { Rounds } from '../../bench/pairs.ts';
import { BASE, BASE_AGAIN, ORT_WEB, PYTORCH, RELAXED } from '../../bench/peers/names.ts';
import { met, resultOf } from '../../bench/results.ts';

const rounds = (more: [string, number[]][] = []): Rounds =>
  new Map([[ORT_WEB, [20, 22, 24]], [BASE, [10, 11, 12]], [BASE_AGAIN, [10, 11, 12]], ...more]);
const pairsOf = (result: ReturnType<typeof resultOf>) =>
  result.ratios.map(({ baseline, candidate, comparison }) => [baseline, candidate, comparison?.speedup]);

test('both builds are held against onnxruntime-web, base against its second copy', () => {
  const result = resultOf('1 x 8', rounds([[RELAXED, [5, 5.5, 6]]]), {});
  expect(result.medians).toEqual({ [ORT_WEB]: 22, [BASE]: 11, [BASE_AGAIN]: 11, [RELAXED]: 5.5 });
  expect(pairsOf(result)).toEqual([
    [ORT_WEB, BASE, 2],
    [ORT_WEB, RELAXED, 4],
    [BASE_AGAIN, BASE, 1],
  ]);
});

test('a pair of which one side is not there is kept for its goal alone, and is neither met nor missed', () => {
  const ahead = { baseline: PYTORCH, candidate: BASE, goal: { ratio: 1 } };
  const { ratios } = resultOf('1 x 8', rounds(), { relaxed: { ratio: 3 }, others: [ahead] });
  expect(ratios.map((ratio) => [ratio.candidate, ratio.goal, met(ratio)])).toEqual([
    [BASE, undefined, undefined],
    [RELAXED, { ratio: 3 }, undefined],
    [BASE, { ratio: 1 }, undefined],
    [BASE, undefined, undefined],
  ]);
});

test('a goal is a least ratio, or the most that the candidate takes; reaching it is enough', () => {
  const first = (goal: { ratio: number } | { most: number }) => met(resultOf('', rounds(), { base: goal }).ratios[0]);
  expect([first({ ratio: 2 }), first({ ratio: 2.01 })]).toEqual([true, false]);
  expect([first({ most: 11 }), first({ most: 10.9 })]).toEqual([true, false]);
});
