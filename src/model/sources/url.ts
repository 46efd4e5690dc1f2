import { DataError, UsageError } from '../../errors.ts';
import type { ModelSource } from '../source.ts';
import { type Sha256, verifiedSource } from '../verified.ts';
import { cacheStore } from './cache.ts';
import { functionSource } from './files.ts';

export interface SourceOptions {
  /** Keep the files in the Cache API, so that they are fetched once and a page works offline. Default false. */
  cache?: boolean;
}

/**
 * The model whose files lie under a URL; where config.json carries a manifest, sizes and SHA-256 are checked as the bytes
 * pass. What the URL asks (`?token=…`) is asked of every file. A head that was trained finds its encoder by the path from its own URL.
 */
export function urlSource(
  base: string | URL,
  newSha256: () => Sha256,
  { cache = false }: SourceOptions = {},
): ModelSource {
  const directory = directoryUrl(base);
  if (directory.username || directory.password) {
    throw new UsageError('model: expected a URL without a user and a password, which fetch refuses, got one with them');
  }
  const files = filesOf(directory);
  return verifiedSource(files, newSha256, {
    encoderSource(encoder) {
      if (!/^\.{1,2}\/[\w./-]+$/.test(encoder)) {
        throw new DataError(
          `${files.name}: expected the encoder's path from here (../…), got ${encoder} (or train with --standalone)`,
        );
      }
      return filesOf(inside(directory, `${encoder.replace(/\/$/, '')}/`));
    },
    store: cache ? cacheStore() : undefined,
    configKey: inside(directory, 'config.json').href,
  });
}

function directoryUrl(base: string | URL): URL {
  try {
    const url = new URL(base, globalThis.location?.href);
    url.pathname = url.pathname.replace(/\/?$/, '/');
    return url;
  } catch {
    throw new UsageError(`model: expected the URL of a model directory, got ${String(base).replace(/[?#].*/, '')}`);
  }
}

function inside(directory: URL, path: string): URL {
  const url = new URL(path, directory);
  url.search = directory.search;
  return url;
}

/** Messages leave out what the URL asks: that may be a secret. */
function filesOf(directory: URL): ModelSource {
  const name = `${directory.origin}${directory.pathname}`.slice(0, -1);
  return functionSource(name, async (file) => {
    try {
      return await fetch(inside(directory, file));
    } catch (error) {
      throw new DataError(`${name}/${file}: expected an answer, got none (${(error as Error).message})`);
    }
  });
}
