import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tinyOwnModel, writeFiles } from '../../fixtures/tiny-model.ts';
import { MODEL } from '../paths.ts';
import { inTemporaryDirectory } from '../runners/temporary.ts';
import { baseModel } from './base-model.ts';
import { growth, MOST_GROWTH } from './growth.ts';
import { soak } from './soak.ts';

const LEAKING = fileURLToPath(new URL('leaking-worker.mjs', import.meta.url));

// Resident memory is read as Linux tells it.
describe.skipIf(process.platform !== 'linux')('in workerd', () => {
  it.each([
    ['the default model', async () => MODEL],
    ['a DistilBERT-base', baseModel],
  ])('%s reads 512 tokens with 96 MiB of WASM memory', async (_name, model) => {
    const { wasm, capped, longest, readings } = await soak(await model(), [1, 9]);
    expect(capped).toBe(true);
    expect(longest).toBe(512);
    expect(wasm).toBeLessThanOrEqual(96 * 2 ** 20);
    for (const { kept, resident } of readings) {
      expect(kept).toBeGreaterThan(wasm);
      expect(resident).toBeGreaterThan(kept);
    }
  });

  it('a worker keeps nothing of a request, and one that keeps 1 kB is told', () =>
    inTemporaryDirectory(async (model) => {
      await writeFiles(model, await tinyOwnModel());
      const grown = async (worker?: string) => growth((await soak(model, [100, 200], worker)).readings);
      expect(await grown()).toBeLessThanOrEqual(MOST_GROWTH);
      expect(await grown(LEAKING)).toBeGreaterThan(10 * MOST_GROWTH);
    }));
});

it('growth is that of the last two readings', () => {
  const warm = [10, 100, 1000].map((requests) => ({ requests, kept: 90e6 + 1000 * requests, resident: 0 }));
  const after = (kept: number) => growth([...warm, { requests: 3000, kept, resident: 0 }]);
  expect(after(91e6)).toBe(0);
  expect(after(90.9e6)).toBe(-50);
  expect(after(92e6)).toBe(500);
});
