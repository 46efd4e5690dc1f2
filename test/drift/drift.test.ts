import { expect, test } from 'vitest';
import { cosine, maxDifference } from './compare.ts';
import { atMost, gatesF32, gatesQ8, measure } from './drift.ts';
import { driftOf } from './engine.ts';
import { readGolden } from './golden.ts';

const outcome = (cls: number[], logits: number[]) => ({ cls, logits });

test('nothing drifts from itself, and every gate passes', () => {
  const { texts } = readGolden('sentiment');
  const drift = measure(texts, texts);
  expect(drift).toMatchObject({ texts: 200, maxClsDifference: 0, maxLogitChange: 0 });
  expect(drift.clsCosine.mean).toBeCloseTo(1, 12);
  expect([...gatesQ8(drift), ...gatesF32(drift)].every(({ passed }) => passed)).toBe(true);
});

test('the shipped model passes the gates of eight bits', { timeout: 300_000 }, async () => {
  const { drift, otherIds } = await driftOf(undefined, 'q8', readGolden('sentiment'));
  expect(otherIds).toBe(0);
  expect(gatesQ8(drift).filter(({ passed }) => !passed)).toEqual([]);
});

test('a changed label counts outside the margin, or inside it', () => {
  const reference = [outcome([1, 0], [0.2, -0.2]), outcome([1, 0], [0.4, -0.2]), outcome([1, 0], [3, -3])];
  const got = [outcome([1, 0], [-0.1, 0.1]), outcome([1, 0], [-0.1, 0.1]), outcome([1, 0], [2, -3])];
  const drift = measure(reference, got);
  expect(drift.labelsChanged).toEqual({ outsideMargin: 1, insideMargin: 1 });
  expect(drift.insideMargin).toBe(1);
  expect(drift.maxLogitChange).toBe(1);
  expect(gatesQ8(drift).map(({ passed }) => passed)).toEqual([true, false]);
});

test('a gate that gets NaN fails', () => {
  expect(maxDifference([1, 2], [1, Number.NaN])).toBeNaN();
  expect(cosine([1, 2], [1, Number.NaN])).toBeNaN();
  expect(atMost('x', Number.NaN, 1).passed).toBe(false);
});

test.each(['sentiment', 'sst2-minilm'] as const)('the goldens are as the README beside them says: %s', (name) => {
  const { texts, versions } = readGolden(name);
  const count = (source: string) => texts.filter((text) => text.source === source).length;
  expect([count('vader'), count('wnut17'), count('own')]).toEqual([100, 60, 40]);
  expect(versions.transformers).toBe('5.24.0');
  expect(Math.max(...texts.map(({ ids }) => ids.length))).toBe(512);
  expect(texts.every(({ cls, logits }) => cls.length === 384 && logits.length === 2)).toBe(true);
});
