import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as node from '../../src/platform/node.ts';
import * as web from '../../src/platform/web.ts';

const root = new URL('../../', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

type Outside = Pick<BuildOptions, 'external' | 'platform' | 'packages'>;

/** What an entry becomes in a bundle: its files and exports, and what it imports from outside. */
async function bundled(entry: string, outside: Outside = { external: ['*.wasm', '*.wasm?module'] }) {
  const { metafile, outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, root))],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    outdir: 'out',
    ...outside,
  });
  const [output] = Object.values(metafile.outputs);
  return {
    files: Object.keys(metafile.inputs).length,
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

  it.each(['.', './serve'])('stand in the order in which runtimes look: %s', (path) => {
    expect(Object.keys(exports[path])).toEqual(['types', 'workerd', 'edge-light', 'node', 'default']);
  });

  it('are few files in Node, with the same exports', async () => {
    const outside: Outside = { platform: 'node', packages: 'external' };
    const library = await bundled(exports['.'].node, outside);
    expect(library.exports).toEqual(Object.keys(web).sort());
    expect(library.files).toBeLessThanOrEqual(3);
    const serve = await bundled(exports['./serve'].node, outside);
    expect(serve.exports).toEqual((await bundled(exports['./serve'].default, outside)).exports);
    expect(serve.files).toBeLessThanOrEqual(5);
  });

  it('have the same classes in Node, so that errors are told apart', async () => {
    const { UsageError } = await import(new URL(exports['.'].node, root).href);
    const { createHandler } = await import(new URL(exports['./serve'].node, root).href);
    expect(() => createHandler({}, { bodyTimeout: 'long' })).toThrow(UsageError);
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
