import { type ByteReader, PIECE_BYTES } from '../source.ts';
import type { FileStore } from './cache.ts';

/**
 * The same reader, whose bytes go to a store as they pass: in whole, when the last one was read, or not at all. Where the store
 * gives up, for want of room say, the bytes pass all the same.
 *
 * @param reader of known size, which throws where its bytes are wrong
 * @param onKept called when the store has the file
 */
export function keepingReader(
  reader: ByteReader,
  store: FileStore,
  key: string,
  onKept: () => Promise<void>,
): ByteReader {
  let giveUp = (_error: unknown): void => {};
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start(controller) {
      // Also where a write waits for a store that will read no more: an abort of the writer would wait for that write.
      giveUp = (error) => controller.error(error);
    },
  });
  const writer = writable.getWriter();
  let kept = true;
  const put = store.put(key, readable).catch((error) => {
    kept = false;
    giveUp(error);
  });
  let left = reader.size as number;
  let whole = false;
  const pass = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) await writer.write(bytes.slice(at, at + PIECE_BYTES));
    left -= bytes.length;
    whole = left === 0;
    if (whole) await writer.close();
  };
  return {
    ...reader,
    async read(into) {
      const count = await reader.read(into);
      if (kept) await pass(into.subarray(0, count)).catch(() => {});
      return count;
    },
    async close() {
      try {
        if (!whole) giveUp(new Error('the file was left'));
        await put;
        if (kept) await onKept();
      } finally {
        await reader.close();
      }
    },
  };
}
