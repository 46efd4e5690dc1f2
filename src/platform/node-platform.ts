import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.ts';
import type { ModelSource } from '../model/source.ts';
import { type ModelInput, modelSource } from '../model/sources/input.ts';
import { type SourceOptions, urlSource } from '../model/sources/url.ts';
import type { Platform } from '../tasks/pipeline.ts';
import { directorySource, nodeSha256 } from './node-files.ts';
import { DEFAULT_MODEL, modelDirectory } from './node-models.ts';
import { startThread } from './node-threads.ts';

const ownRequire = createRequire(import.meta.url);

/** In Deno and Bun each load checks its bounds: kernels of few loads take 12 to 18 % less there. */
const KIND = 'Deno' in globalThis || 'Bun' in globalThis ? '-light' : '';

/** Names are those of directories and of installed packages. */
export const nodePlatform: Platform = {
  kernels: {
    // By the package's own name, so that it is found from src/ and from dist/ alike.
    load: async (build, shared) =>
      WebAssembly.compile(await readFile(ownRequire.resolve(`bertwasm/${build}${shared ? '-threads' : KIND}.wasm`))),
    startThread,
  },
  resolveModel: (model = DEFAULT_MODEL, options) => nodeModelSource(model, options),
};

/** @see Bound.modelSource */
export function nodeModelSource(model: ModelInput, options?: SourceOptions): ModelSource {
  return modelSource(model, nodeSha256, named, options);
}

function named(name: string | URL, options: SourceOptions): ModelSource {
  if (/^https?:/.test(String(name))) return urlSource(name, nodeSha256, options);
  if (options.cache) throw new UsageError(`cache: expected a model by its URL, got ${name}`);
  if (!(name instanceof URL)) return directorySource(modelDirectory(name));
  if (name.protocol !== 'file:') throw new UsageError(`model: expected a URL of http:, https: or file:, got ${name}`);
  return directorySource(modelDirectory(fileURLToPath(name)));
}
