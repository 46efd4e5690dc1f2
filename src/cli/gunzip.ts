import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '../errors.ts';

/**
 * The bytes that a gzip file holds, as they come.
 *
 * @throws DataError naming the file where it is damaged or cut short
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  let source: unknown;
  const fed = pipeline(Readable.from(chunks), stream).catch((error) => {
    source = error; // the stream fails with it, or with what follows from it
  });
  try {
    yield* stream;
    await fed;
  } catch (error) {
    await fed;
    const { code, message } = (source ?? error) as NodeJS.ErrnoException;
    throw code?.startsWith('Z_')
      ? new DataError(`${name}: expected a whole gzip file, got ${message}`)
      : (source ?? error);
  }
}
