import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DataError, UsageError } from '../errors.ts';

export const FORMATS = ['jsonl', 'csv', 'tsv', 'txt', 'conll', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

/** A read ahead of the rows being computed: small, so that the progress bar tells the truth. */
const READ_BYTES = 16 * 1024;

/** An opened file or stdin. */
export interface Input {
  /** For messages: the path as it was given, or `stdin`. */
  name: string;
  format: Format;
  /** Bytes as they come; nothing is read that was not asked for. A parquet file is read by its name instead. */
  chunks: AsyncIterable<Uint8Array>;
  /** Whether they are those of a gzip file. */
  gzip: boolean;
  /** Bytes in all, where that is known. */
  size?: number;
}

/**
 * What an argument of `predict` and `tokenize` is: `-` and files are read, anything else is a text.
 *
 * @throws UsageError where it names a file, and nothing tells how to read that
 */
export function isInput(argument: string, format?: Format): boolean {
  if (argument === '-') return true;
  const known = extensionFormat(argument) !== undefined;
  // A mistyped file name must not be taken for a text: one word with such an ending is a file, there or not.
  if (known && !/\s/.test(argument)) return true;
  if (!existsSync(argument)) return false;
  if (known || format !== undefined) return true;
  throw new UsageError(
    `${argument}: expected a text, got the name of a file (to read it: --input-format ${FORMATS.join(', ')})`,
  );
}

/** Opens a file, or stdin for `-` (JSONL unless `format` says otherwise). */
export async function openInput(path: string, format?: Format): Promise<Input> {
  const gzip = GZIP.test(path);
  if (format === 'parquet' && path === '-') throw new UsageError('stdin: expected lines of text, got parquet');
  if (path === '-') return { name: 'stdin', format: format ?? 'jsonl', chunks: process.stdin, gzip };
  const known = format ?? extensionFormat(path);
  if (!known) {
    const endings = FORMATS.map((name) => `.${name}`).join(', ');
    throw new UsageError(
      `${path}: expected a name in ${endings}, with .gz or without (or --input-format), got another`,
    );
  }
  if (known === 'parquet' && gzip) throw new UsageError(`${path}: expected a parquet file, got one within gzip`);
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(`${path}: expected a readable file, got ${error.code}`);
  });
  if (info.isDirectory()) throw new DataError(`${path}: expected a readable file, got a directory`);
  return { name: path, format: known, chunks: opened(path), gzip, size: info.size };
}

async function* opened(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: READ_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code ? new DataError(`${path}: expected a readable file, got ${code}`) : error;
  }
}

const GZIP = /\.gz$/i;

function extensionFormat(path: string): Format | undefined {
  const name = path.replace(GZIP, '').toLowerCase();
  return FORMATS.find((format) => name.endsWith(`.${format}`));
}
