import { UsageError } from '../../errors.ts';
import type { ByteReader } from '../source.ts';
import { bodyReader } from './files.ts';

/** Keeps files between visits. */
export interface FileStore {
  get(key: string): Promise<ByteReader | undefined>;
  /** Keeps the whole stream or, where it breaks or there is no room, nothing. */
  put(key: string, stream: ReadableStream<Uint8Array>): Promise<void>;
  delete(key: string): Promise<void>;
}

const CACHE_NAME = 'bertwasm';

/** The Cache API of pages and of their workers. */
export function cacheStore(): FileStore {
  if (!globalThis.caches) {
    // A page has one only where it came by https, or from localhost.
    throw new UsageError('cache: expected a runtime with the Cache API (a page from https:), got one without');
  }
  const cache = () => caches.open(CACHE_NAME);
  return {
    async get(key) {
      return bodyReader(await (await cache()).match(urlOf(key)), key);
    },
    async put(key, stream) {
      await (await cache()).put(urlOf(key), new Response(stream));
    },
    async delete(key) {
      await (await cache()).delete(urlOf(key));
    },
  };
}

/** The Cache API keeps requests, and takes no key that is no URL. */
function urlOf(key: string): string {
  return /^https?:/.test(key) ? key : `https://bertwasm.invalid/${key}`;
}
