import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { KernelBinaries } from '../../src/engine/kernels.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { directorySource } from '../../src/platform/node-files.ts';
import { readTexts } from '../drift/golden.ts';
import { binaries, relaxedModule } from '../fixtures/kernels.ts';

/* DESIGN's promise for the two builds; test/runtimes has it for engines, batches of texts and trained heads. */

test('the same bits from the base and the relaxed build, at every size of a batch', async () => {
  const relaxed = relaxedModule();
  const emulated: KernelBinaries = {
    load: async (build) => (build === 'relaxed' ? relaxed.module : binaries.load(build)),
  };
  const source = directorySource(fileURLToPath(new URL('../../models/sentiment', import.meta.url)));
  const config = await loadConfig(source);
  // Of each source some, and of the long ones too.
  const ids = readTexts()
    .filter((_, i) => i % 9 === 4)
    .map((text) => Int32Array.from(text.ids));
  const base = await Model.load(source, config, binaries, { simd: 'base' });
  const other = await Model.load(source, config, emulated, { simd: 'relaxed', maxTokens: 700 });
  expect([base.simd, other.simd]).toEqual(['base', 'relaxed']);
  const expected = base.logits(ids);
  expect(other.logits(ids)).toEqual(expected);
  for (const size of [1, 2, 3, 7, 20]) {
    const logits = [];
    for (let i = 0; i < ids.length; i += size) logits.push(...other.logits(ids.slice(i, i + size)));
    expect(Float32Array.from(logits)).toEqual(expected);
  }
  base.dispose();
  other.dispose();
});
