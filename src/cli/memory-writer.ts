import type { DirectoryWriter } from '../model/own-form.ts';

/** Writes a directory's files into memory, by name. */
export function memoryWriter(files: Record<string, Uint8Array>): DirectoryWriter {
  return {
    async file(name) {
      const pieces: Uint8Array[] = [];
      return {
        async write(bytes) {
          pieces.push(bytes.slice());
        },
        async close() {
          files[name] = new Uint8Array(Buffer.concat(pieces));
        },
      };
    },
    async commit() {},
    async abort() {},
  };
}
