import { DataError, UsageError } from '../../errors.ts';
import type { ModelSource } from '../source.ts';
import { type Sha256, verifiedSource } from '../verified.ts';
import { cacheStore } from './cache.ts';
import { functionSource } from './files.ts';

export interface UrlOptions {
  /** Keep the files in the Cache API, so that they are fetched once and a page works offline. Default false. */
  cache?: boolean;
}

/**
 * The model whose files lie under a URL; where config.json carries a manifest, sizes and SHA-256 are checked as the bytes
 * pass. A head that was trained finds its encoder by the path from its own URL.
 */
export function urlSource(
  base: string | URL,
  newSha256: () => Sha256,
  { cache = false }: UrlOptions = {},
): ModelSource {
  const directory = directoryUrl(base);
  return verifiedSource(filesOf(directory), newSha256, {
    encoderSource(encoder) {
      if (!/^\.{1,2}\/[\w./-]+$/.test(encoder)) {
        throw new DataError(
          `${directory}: expected the encoder's path from here (../…), got ${encoder} (or train with --standalone)`,
        );
      }
      return filesOf(new URL(`${encoder.replace(/\/$/, '')}/`, directory));
    },
    store: cache ? cacheStore() : undefined,
  });
}

function directoryUrl(base: string | URL): URL {
  try {
    return new URL(`${String(base).replace(/\/$/, '')}/`, globalThis.location?.href);
  } catch {
    throw new UsageError(`model: expected the URL of a model directory, got ${base}`);
  }
}

function filesOf(directory: URL): ModelSource {
  return functionSource(directory.href.slice(0, -1), async (file) => {
    const url = new URL(file, directory);
    try {
      return await fetch(url);
    } catch (error) {
      throw new DataError(`${url}: expected an answer, got none (${(error as Error).message})`);
    }
  });
}
