import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { bin, exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** All strings in a value of JSON. */
function leaves(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value as object).flatMap(leaves);
}

/** What a module or its types name by relative paths, from the root of the package; an ending made at run time is .js here. */
function neighbours(file: string): string[] {
  const named = readFileSync(root + file, 'utf8').matchAll(/(?:from|import|new URL\()\s*\(?['"`](\.\.?\/[^'"`?]*)/g);
  return Array.from(named, ([, path]) => join(file, '..', path.replace(/\$\{.*/, '.js')));
}

it('the package holds all that its files name, and nothing that Node has in its bundles', () => {
  const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(told) as [{ files: { path: string }[] }];
  const packed = new Set(files.map(({ path }) => path));
  const modules = [...packed].filter((file) => /\.(js|d\.ts)$/.test(file));
  expect(modules.length).toBeGreaterThan(100);
  const named = [...leaves([bin, exports]).map((path) => join(path)), ...modules.flatMap(neighbours)];
  const missing = named.filter((path) => !packed.has(path) && !packed.has(path.replace(/\.ts$/, '.d.ts')));
  expect([...new Set(missing)]).toEqual([]);
  expect([...packed].filter((file) => /^dist\/(cli|ort)\//.test(file))).toEqual([]);
});
