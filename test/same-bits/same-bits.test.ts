import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { KernelBinaries } from '../../src/engine/kernels.ts';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { directorySource } from '../../src/platform/node-files.ts';
import { readTexts } from '../drift/golden.ts';
import { binaries, relaxedModule } from '../fixtures/kernels.ts';

/*
 * DESIGN's promise: the same text gives the same bits on every engine, in either build, alone or in any batch.
 */

const run = promisify(execFile);
const script = fileURLToPath(new URL('digest.mjs', import.meta.url));

/** Of the three majors, releases of the npm package `node`; `npm exec` fetches and caches them. */
const NODES = ['20.20.2', '22.23.3', '24.21.0'];

async function digest(node: string, simd: string): Promise<Record<string, string>> {
  const { stdout } = await run('npm', ['exec', '--yes', `--package=node@${node}`, '--', 'node', script, simd], {
    // npm's own messages go to stderr.
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout);
}

describe('the same bits', () => {
  it('in Node 20, 22 and 24, alone, in a batch and in another order', { timeout: 600_000 }, async () => {
    const digests = [];
    for (const node of NODES) digests.push(await digest(node, 'auto'));
    expect(digests.map(({ node }) => node)).toEqual(NODES);
    const [first, ...others] = digests;
    expect(first.batch).toBe(first.alone);
    expect(first.reversed).toBe(first.alone);
    for (const other of others) expect({ ...other, node: first.node }).toEqual(first);
  });

  it('from the base and the relaxed build, at every size of a batch', async () => {
    const relaxed = relaxedModule();
    const emulated: KernelBinaries = {
      load: async (build) => (build === 'relaxed' ? relaxed.module : binaries.load(build)),
    };
    const source = directorySource(fileURLToPath(new URL('../../models/sentiment', import.meta.url)));
    const config = await loadConfig(source);
    const ids = readTexts()
      .filter((_, i) => i % 3 === 1)
      .map((text) => Int32Array.from(text.ids));
    const base = await Model.load(source, config, binaries, { simd: 'base' });
    const other = await Model.load(source, config, emulated, { simd: 'relaxed', maxTokens: 700 });
    expect([base.simd, other.simd]).toEqual(['base', 'relaxed']);
    const expected = base.logits(ids);
    expect(other.logits(ids)).toEqual(expected);
    for (const size of [1, 2, 3, 7, 50]) {
      const logits = [];
      for (let i = 0; i < ids.length; i += size) logits.push(...other.logits(ids.slice(i, i + size)));
      expect(Float32Array.from(logits)).toEqual(expected);
    }
    base.dispose();
    other.dispose();
  });
});
