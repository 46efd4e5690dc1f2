import type { ByteReader } from '../source.ts';
import type { FileStore } from './cache.ts';

/**
 * The same reader, whose bytes go to a store as they pass: in whole, when the last one was read, or not at all.
 *
 * @param reader of known size, which throws where its bytes are wrong
 */
export function keepingReader(reader: ByteReader, store: FileStore, key: string): ByteReader {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  // Without room, say, the model loads all the same.
  const put = store.put(key, readable).catch(() => readable.cancel());
  let left = reader.size as number;
  let kept = true;
  const unlessFull = async (work: () => Promise<void>): Promise<void> => {
    if (kept)
      await work().catch(() => {
        kept = false;
      });
  };
  return {
    ...reader,
    async read(into) {
      const count = await reader.read(into);
      left -= count;
      await unlessFull(() => writer.write(into.slice(0, count)));
      if (left === 0) await unlessFull(() => writer.close());
      return count;
    },
    async close() {
      if (left > 0) await unlessFull(() => writer.abort());
      await put;
      await reader.close();
    },
  };
}
