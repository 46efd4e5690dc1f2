import { DataError, UsageError } from '../../errors.ts';
import { asBytes, type Bytes } from '../as-bytes.ts';
import { isPlainFileName } from '../file-name.ts';
import type { ByteReader, ModelSource } from '../source.ts';
import { bytesReader } from './bytes.ts';
import { streamReader } from './stream.ts';

/** What stands for one file; a Response of status 404, `null` and `undefined` say that there is none. */
export type FileBody = Response | ReadableStream<Uint8Array> | Bytes | null | undefined;

/** Gives a model's file by its plain name: from an asset store, a bucket, a database. */
export type FileFunction = (file: string) => FileBody | Promise<FileBody>;

/** The model whose files a function gives. */
export function functionSource(name: string, body: FileFunction): ModelSource {
  return {
    name,
    async open(file) {
      const where = `${name}/${file}`;
      if (!isPlainFileName(file)) throw new DataError(`${name}: expected a plain file name, got ${file}`);
      return bodyReader(await body(file), where);
    },
  };
}

export async function bodyReader(body: FileBody, name: string): Promise<ByteReader | undefined> {
  if (body === null || body === undefined) return undefined;
  const bytes = asBytes(body);
  if (bytes) return bytesReader(bytes, name);
  // By what they can do: a Response of another realm, or of a library, is none of this one's.
  if ('getReader' in Object(body)) return streamReader(body as ReadableStream<Uint8Array>, name);
  if (!('ok' in Object(body))) {
    throw new UsageError(
      `${name}: expected a Response, a ReadableStream, a Uint8Array, an ArrayBuffer or undefined, got another value`,
    );
  }
  return responseReader(body as Response, name);
}

async function responseReader(response: Response, name: string): Promise<ByteReader | undefined> {
  const { ok, status, body } = response;
  // Its Content-Length is that of a compressed body, of which a page may not be told (CORS hides Content-Encoding).
  if (!ok) {
    await body?.cancel();
    if (status === 404) return undefined;
    throw new DataError(`${name}: expected the file, got HTTP ${status}`);
  }
  return body ? streamReader(body, name) : bytesReader(new Uint8Array(0), name);
}
