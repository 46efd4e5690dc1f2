import { asBytes, type Bytes } from '../as-bytes.ts';
import type { ByteReader, ModelSource } from '../source.ts';

/** A model held in memory: plain file name to contents. */
export function bytesSource(name: string, files: Record<string, Bytes>): ModelSource {
  return {
    name,
    async open(file) {
      const bytes = Object.hasOwn(files, file) ? asBytes(files[file]) : undefined;
      return bytes && bytesReader(bytes, `${name}/${file}`);
    },
  };
}

export function bytesReader(bytes: Uint8Array, name: string): ByteReader {
  let at = 0;
  return {
    name,
    size: bytes.length,
    async read(into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length;
    },
    async close() {},
  };
}
