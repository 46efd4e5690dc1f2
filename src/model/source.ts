import { DataError } from '../errors.ts';

/**
 * One file, read once from its start to its end. Sequential, so that a stream from the network, a file and a
 * byte array all serve, and so that weights can be read straight into WASM memory with no copy between.
 */
export interface ByteReader {
  /** Length of the file in bytes. */
  readonly size: number;
  /** Fills `into` with the next bytes; throws a {@link DataError} where fewer are left. */
  read(into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Where the files of one model come from: a directory, a URL, an object of byte arrays. */
export interface ModelSource {
  /** For messages: the directory or URL. */
  readonly name: string;
  /** Opens one file by its plain name, or gives `undefined` where there is none of that name. */
  open(file: string): Promise<ByteReader | undefined>;
}

/** Whole file as bytes, or `undefined` where there is none; a file over `limit` bytes is an error. */
export async function readBytes(source: ModelSource, file: string, limit: number): Promise<Uint8Array | undefined> {
  const reader = await source.open(file);
  if (!reader) return undefined;
  try {
    if (reader.size > limit) {
      throw new DataError(`${source.name}/${file}: expected at most ${limit} bytes, got ${reader.size}`);
    }
    const bytes = new Uint8Array(reader.size);
    await reader.read(bytes);
    return bytes;
  } finally {
    await reader.close();
  }
}

/** A model held in memory: plain file name to contents. */
export function bytesSource(name: string, files: Record<string, Uint8Array>): ModelSource {
  return {
    name,
    async open(file) {
      const bytes = Object.hasOwn(files, file) ? files[file] : undefined;
      if (!bytes) return undefined;
      let at = 0;
      return {
        size: bytes.length,
        async read(into) {
          if (at + into.length > bytes.length) {
            throw new DataError(`${name}/${file}: expected ${at + into.length} bytes, got ${bytes.length}`);
          }
          into.set(bytes.subarray(at, at + into.length));
          at += into.length;
        },
        async close() {},
      };
    },
  };
}
