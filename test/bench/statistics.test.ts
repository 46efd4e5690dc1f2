import { expect, test } from 'vitest';
import { median, medianInterval } from '../../bench/statistics.ts';

test('median of an odd and of an even count, in any order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow('median: expected at least one value, got none');
});

test('the interval holds the median, is a point where nothing varies, and repeats', () => {
  const values = Array.from({ length: 41 }, (_, i) => 100 + ((i * 17) % 41));
  const [low, high] = medianInterval(values);
  expect(low).toBeLessThan(120);
  expect(high).toBeGreaterThan(120);
  expect(low).toBeGreaterThan(100);
  expect(high).toBeLessThan(140);
  expect(medianInterval(values)).toEqual([low, high]);
  expect(medianInterval([3, 3, 3, 3])).toEqual([3, 3]);
});

test('the interval narrows as values are added', () => {
  const width = (count: number) => {
    const [low, high] = medianInterval(Array.from({ length: count }, (_, i) => (i * 37) % 101));
    return high - low;
  };
  expect(width(1000)).toBeLessThan(width(20));
});
