import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createPipeline, type Platform } from '../tasks/pipeline.ts';
import { directorySource } from './node-files.ts';
import { DEFAULT_MODEL, modelDirectory } from './node-models.ts';

export * from '../index.ts';
export { directorySource };

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
