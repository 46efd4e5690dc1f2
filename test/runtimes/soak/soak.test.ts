import { expect, it } from 'vitest';
import { MODEL } from '../paths.ts';
import { baseModel } from './base-model.ts';
import { growth, MOST_GROWTH } from './growth.ts';
import { soak } from './soak.ts';

it.skipIf(process.platform !== 'linux').each([
  ['the default model', async () => MODEL],
  ['a DistilBERT-base', baseModel],
])('%s reads 512 tokens in workerd with 96 MiB of WASM memory', async (_name, model) => {
  const { wasm, capped, longest, readings } = await soak(await model(), [1, 9]);
  expect(capped).toBe(true);
  expect(longest).toBe(512);
  expect(wasm).toBeLessThanOrEqual(96 * 2 ** 20);
  expect(readings.map(({ requests }) => requests)).toEqual([1, 9]);
});

it('growth is told from garbage, by the last two readings', () => {
  const reading = (requests: number, found: number, kept: number) => ({ requests, found, kept });
  const warm = [reading(1000, 90e6, 80e6), reading(3000, 120e6, 90e6)];
  expect(growth([...warm, reading(5000, 180e6, 90e6)])).toBe(0);
  expect(growth([...warm, reading(5000, 180e6, 92e6)])).toBeGreaterThan(MOST_GROWTH);
});
