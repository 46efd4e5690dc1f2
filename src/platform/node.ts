import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { DataError } from '../errors.ts';
import { createPipeline, type Platform } from '../tasks/pipeline.ts';
import { directorySource } from './node-files.ts';

export * from '../index.ts';
export { directorySource };

/** The package that holds the default model of every task. */
const DEFAULT_MODEL = 'bertwasm-sentiment';

const ownRequire = createRequire(import.meta.url);

/** Node, and what runs its modules (Deno, Bun): models are directories or installed packages. */
export const nodePlatform: Platform = {
  kernels: () => ({
    // By the package's own name, so that it is found from src/ and from dist/ alike.
    load: async (build) => WebAssembly.compile(await readFile(ownRequire.resolve(`bertwasm/${build}.wasm`))),
  }),
  resolveModel: (model = DEFAULT_MODEL) => directorySource(modelDirectory(model)),
};

/** @see createPipeline */
export const pipeline = createPipeline(nodePlatform);

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // a name too long for a path, say
  }
}

/** The directory of that path, or of the installed package of that name: the caller's, or one beside bertwasm. */
function modelDirectory(model: string): string {
  if (isDirectory(model)) return model;
  if (/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(model)) {
    for (const require of [createRequire(join(process.cwd(), 'caller.js')), ownRequire]) {
      try {
        return dirname(require.resolve(`${model}/config.json`));
      } catch {}
    }
    throw new DataError(
      `${model}: expected a model's directory or an installed package, got neither (a package: npm install ${model})`,
    );
  }
  throw new DataError(
    `${model}: expected a model's directory, got ${isAbsolute(model) ? 'no such path' : `none in ${process.cwd()}`}`,
  );
}
