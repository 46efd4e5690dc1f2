import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { root } from '../files.ts';

/** Bytes that are sent, each file compressed by gzip -9. */
export interface Bundle {
  js: number;
  /** The larger of the two builds; only one is ever loaded. */
  wasm: number;
}

/** What vite makes of a page whose script is this. */
export async function vitePage(script: string): Promise<Bundle> {
  // In the repository, so that the package is found by its name.
  await mkdir(`${root}build`, { recursive: true });
  const directory = await mkdtemp(`${root}build/size-`);
  try {
    await writeFile(join(directory, 'index.html'), '<script type="module" src="main.js"></script>');
    await writeFile(join(directory, 'main.js'), script);
    await build({ root: directory, logLevel: 'error', build: { modulePreload: { polyfill: false } } });
    return bundleIn(join(directory, 'dist/assets'));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What wrangler uploads of examples/cloudflare-worker, its model apart. */
export async function wranglerWorker(): Promise<Bundle> {
  const directory = await mkdtemp(`${root}build/size-`);
  try {
    execFileSync('npx', ['wrangler', 'deploy', '--dry-run', '--minify', '--outdir', directory], {
      cwd: `${root}examples/cloudflare-worker`,
      env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return bundleIn(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Without what only `threads` loads: its own script, and the kernels on shared memory. */
function bundleIn(directory: string): Bundle {
  const sizes = (ending: string) =>
    readdirSync(directory)
      .filter((name) => name.endsWith(ending) && !/-threads?-/.test(name))
      .map((name) => gzipBytes(join(directory, name)));
  const [js, wasm] = [sizes('.js'), sizes('.wasm')];
  if (js.length !== 1 || wasm.length !== 2) throw new Error(`${directory}: expected one script and both kernels`);
  return { js: js[0], wasm: Math.max(...wasm) };
}

export function gzipBytes(path: string): number {
  return gzipSync(readFileSync(path), { level: 9 }).length;
}
