import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DataError, UsageError } from '../errors.ts';

export const FORMATS = ['jsonl', 'csv', 'tsv', 'txt'] as const;
export type Format = (typeof FORMATS)[number];

/** A read ahead of the rows being computed: small, so that the progress bar tells the truth. */
const READ_BYTES = 16 * 1024;

/** An opened file or stdin. */
export interface Input {
  /** For messages: the path as it was given, or `stdin`. */
  name: string;
  format: Format;
  /** Bytes as they come; nothing is read that was not asked for. */
  chunks: AsyncIterable<Uint8Array>;
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
  if (path === '-') return { name: 'stdin', format: format ?? 'jsonl', chunks: process.stdin };
  const known = format ?? extensionFormat(path);
  if (!known)
    throw new UsageError(`${path}: expected a name in .jsonl, .csv, .tsv or .txt (or --input-format), got another`);
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(`${path}: expected a readable file, got ${error.code}`);
  });
  if (info.isDirectory()) throw new DataError(`${path}: expected a readable file, got a directory`);
  return { name: path, format: known, chunks: opened(path), size: info.size };
}

async function* opened(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: READ_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code ? new DataError(`${path}: expected a readable file, got ${code}`) : error;
  }
}

function extensionFormat(path: string): Format | undefined {
  return FORMATS.find((format) => path.toLowerCase().endsWith(`.${format}`));
}
