import { expect, test } from 'vitest';
import { gatesMinilm, minilmDrift } from './minilm.ts';

test('models/minilm is the encoder that it says it is', { timeout: 300_000 }, async () => {
  const drift = await minilmDrift();
  expect(drift.texts).toBe(100);
  expect(gatesMinilm(drift).filter(({ passed }) => !passed)).toEqual([]);
});
