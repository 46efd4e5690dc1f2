import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as node from '../../src/platform/node.ts';
import * as web from '../../src/platform/web.ts';

const root = new URL('../../', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** What an entry becomes in a bundle: its exports, and what it imports from outside. */
async function bundled(entry: string) {
  const { metafile, outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, root))],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    outdir: 'out',
    external: ['*.wasm', '*.wasm?module'],
  });
  const [output] = Object.values(metafile.outputs);
  return {
    exports: [...output.exports].sort(),
    imports: output.imports.map(({ path }) => path.replace(/^.*\//, '')).sort(),
    text: outputFiles[0].text,
  };
}

describe('the entries', () => {
  it('export the same names, so that one file of types serves', async () => {
    const names = Object.keys(web).sort();
    expect(names).toContain('pipeline');
    expect(Object.keys(node).sort()).toEqual(names);
    for (const condition of ['workerd', 'edge-light', 'default'])
      expect((await bundled(exports['.'][condition])).exports).toEqual(names);
  });

  it('stand in the order in which runtimes look', () => {
    expect(Object.keys(exports['.'])).toEqual(['types', 'workerd', 'edge-light', 'node', 'default']);
  });

  it.each([
    ['workerd', ['base-light.wasm', 'relaxed-light.wasm']],
    ['edge-light', ['base.wasm?module', 'relaxed.wasm?module']],
    ['default', []],
  ])('%s needs nothing but the kernels, and evaluates no text', async (condition, imports) => {
    const bundle = await bundled(exports['.'][condition]);
    expect(bundle.imports).toEqual(imports);
    expect(bundle.text).not.toMatch(/\beval\(|\bnew Function\b|\bprocess\b|\brequire\(/);
  });
});
