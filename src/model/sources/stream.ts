import { DataError, UsageError } from '../../errors.ts';
import { asBytes } from '../as-bytes.ts';
import { type ByteReader, PIECE_BYTES } from '../source.ts';

/** Pieces of no bytes in a row. Each takes a microtask: a stream with no end of them would let nothing else run. */
const MOST_EMPTY = 1000;

/** A stream, piece by piece through one buffer where it is a byte stream. */
export function streamReader(stream: ReadableStream<Uint8Array>, name: string): ByteReader {
  if (stream.locked)
    throw new UsageError(`${name}: expected a stream that nothing reads, got one that is read already`);
  const pieces = piecesOf(stream);
  let piece: Uint8Array | undefined = new Uint8Array(0);
  return {
    name,
    async read(into) {
      let at = 0;
      while (at < into.length) {
        if (piece?.length === 0) piece = await nextFull(pieces, name);
        if (!piece) break;
        const part = piece.subarray(0, into.length - at);
        into.set(part, at);
        at += part.length;
        piece = piece.subarray(part.length);
      }
      return at;
    },
    // What a stream says of being left is of no use: one that broke is an error already.
    close: () => pieces.cancel().catch(() => {}),
  };
}

async function nextFull(pieces: Pieces, name: string): Promise<Uint8Array | undefined> {
  for (let empty = 0; empty < MOST_EMPTY; empty++) {
    const piece = await pieces.next().catch((error) => broken(name, error));
    const bytes = asBytes(piece);
    if (piece !== undefined && !bytes) {
      throw new DataError(`${name}: expected a stream of Uint8Arrays, got ${typeof piece}`);
    }
    if (bytes?.length !== 0) return bytes;
  }
  throw new DataError(`${name}: expected bytes, got ${MOST_EMPTY} empty pieces one after the other`);
}

interface Pieces {
  /** The next piece, good until the next call; `undefined` at the end. */
  next(): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
}

function piecesOf(stream: ReadableStream<Uint8Array>): Pieces {
  const byob = byobReader(stream);
  if (!byob) {
    const reader = stream.getReader();
    return { next: async () => (await reader.read()).value, cancel: () => reader.cancel() };
  }
  let buffer: ArrayBuffer | undefined;
  return {
    async next() {
      const { value, done } = await byob.read(new Uint8Array(buffer ?? new ArrayBuffer(PIECE_BYTES)));
      buffer = value?.buffer as ArrayBuffer | undefined;
      return done ? undefined : value;
    },
    cancel: () => byob.cancel(),
  };
}

/** Only byte streams have one; which streams are is for the runtime to say. */
function byobReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}

function broken(name: string, error: unknown): never {
  throw new DataError(`${name}: expected the whole file, got a broken stream (${reasonOf(error)})`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error ?? 'no reason given');
}
