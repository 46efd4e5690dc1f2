import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Unavailable } from '../runtime.ts';
import { bundle } from './bundle.ts';

/** 96 MiB: a Worker has 128 MB for its WASM memory and all else, and workerd itself enforces none of it. */
export const MOST_WASM_PAGES = 1536;

export interface WorkerdProcess extends AsyncDisposable {
  url: string;
  pid: number;
}

/** The npm package workerd, which wrangler brings. */
export function findWorkerd(): { program: string; version: string } {
  try {
    const { resolve } = createRequire(import.meta.url);
    const require = createRequire(resolve('wrangler/package.json'));
    return { program: require('workerd').default, version: require('workerd/package.json').version };
  } catch (error) {
    throw new Unavailable(`wrangler brought no workerd: ${(error as Error).message}`);
  }
}

/**
 * Serves a worker, a file, on loopback. Its binding MODEL is the model's directory.
 *
 * @param directory for the bundle
 * @param flags of V8, beside the limit of WASM memory
 */
export async function startWorkerd(
  worker: string,
  model: string,
  directory: string,
  flags: readonly string[] = [],
): Promise<WorkerdProcess> {
  await bundle(worker, 'workerd', directory);
  const config = join(directory, 'config.capnp');
  const modules = (await readdir(directory)).filter((name) => /\.(js|wasm)$/.test(name));
  await writeFile(config, capnp(modules, model, [`--wasm-max-mem-pages=${MOST_WASM_PAGES}`, ...flags]));
  const child = spawn(findWorkerd().program, ['serve', '--control-fd=3', config], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const exit = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await exit;
  };
  for await (const line of createInterface(child.stdio[3] as Readable)) {
    const { event, port } = JSON.parse(line);
    if (event === 'listen') {
      return { url: `http://127.0.0.1:${port}/`, pid: child.pid as number, [Symbol.asyncDispose]: stop };
    }
  }
  await stop();
  throw new Error('workerd: expected it to listen, got its end');
}

/** Cap'n Proto strings are escaped as those of JSON. */
function capnp(names: readonly string[], model: string, flags: readonly string[]): string {
  const modules = (ending: string, kind: string) =>
    names.filter((name) => name.endsWith(ending)).map((name) => `(name = "${name}", ${kind} = embed "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(flags)},
  services = [
    (name = "main", worker = .worker),
    (name = "model", disk = (path = ${JSON.stringify(model)})),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${[...modules('.js', 'esModule'), ...modules('.wasm', 'wasm')].join(', ')}],
  bindings = [(name = "MODEL", service = "model")],
  compatibilityDate = "2026-10-01",
);
`;
}
