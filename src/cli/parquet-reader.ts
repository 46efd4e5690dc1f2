import { fstatSync, openSync, readSync } from 'node:fs';
import * as zlib from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { isObject } from '../model/json.ts';

/*
 * A process of its own that reads the parquet file of its argument and answers each message with the rows of the next
 * row group: files name sizes and repetitions that end a process in want of memory, which can be neither foreseen
 * without decoding the file nor caught.
 */

/** What an answer holds. */
export interface RowGroup {
  rows: Record<string, unknown>[];
  /** By column: the names of Hugging Face's class labels, which stand in place of their numbers in the rows. */
  classLabels: Record<string, string[]>;
}
export type Answer = RowGroup | { done: true } | { fault: string };

/** HF writes snappy, which is hyparquet's own; Node has these, and zstd from 22.15 on. */
const { zstdDecompressSync: zstd } = zlib as Partial<typeof zlib>;
const COMPRESSORS: Compressors = {
  GZIP: (input, length) => zlib.gunzipSync(input, { maxOutputLength: length }),
  BROTLI: (input, length) => zlib.brotliDecompressSync(input, { maxOutputLength: length }),
  ...(zstd && { ZSTD: (input, length) => zstd(input, { maxOutputLength: length }) }),
};
const CODECS = ['UNCOMPRESSED', 'SNAPPY', ...Object.keys(COMPRESSORS)];

function openFile(path: string): AsyncBuffer {
  const descriptor = openSync(path, 'r');
  const byteLength = fstatSync(descriptor).size;
  return {
    byteLength,
    slice(start, end = byteLength) {
      const from = Math.max(0, start);
      const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - from));
      readSync(descriptor, bytes, 0, bytes.length, from);
      return bytes.buffer;
    },
  };
}

/** Names by column, from the metadata of `datasets`: a ClassLabel, or a list of them. */
function classLabels({ key_value_metadata }: FileMetaData): Record<string, string[]> {
  const text = key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  if (text === undefined) return {};
  const json = JSON.parse(text);
  const features = isObject(json) && isObject(json.info) && isObject(json.info.features) ? json.info.features : {};
  const entries = Object.entries(features).map(([column, feature]) => [column, labelNames(feature)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string[]] => entry[1] !== undefined));
}

function labelNames(feature: unknown): string[] | undefined {
  if (Array.isArray(feature)) return feature.length === 1 ? labelNames(feature[0]) : undefined;
  if (!isObject(feature)) return undefined;
  if (feature._type !== 'ClassLabel') return feature.feature === undefined ? undefined : labelNames(feature.feature);
  const { names } = feature;
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
}

/** A value as JSON has it: labels by name (none for -1, which `datasets` writes for unknown ones), bytes not at all. */
function plain(value: unknown, names?: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item, names));
  if (names && (typeof value === 'bigint' || typeof value === 'number')) return names[Number(value)] ?? null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

async function* rowGroups(path: string): AsyncGenerator<RowGroup> {
  const file = openFile(path);
  const metadata = await parquetMetadataAsync(file);
  const labels = classLabels(metadata);
  const codec = metadata.row_groups
    .flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec))
    .find((codec) => !CODECS.includes(String(codec)));
  if (codec !== undefined) throw new Error(`compression ${codec} (known: ${CODECS.join(', ').toLowerCase()})`);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const rows = await parquetReadObjects({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors: COMPRESSORS,
      utf8: false, // bytes that are not said to be text are none
      parsers: { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes) },
    });
    rowStart = rowEnd;
    yield {
      rows: rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => [
            column,
            plain(value, Object.hasOwn(labels, column) ? labels[column] : undefined),
          ]),
        ),
      ),
      classLabels: labels,
    };
  }
}

const groups = rowGroups(process.argv[2]);
process.on('message', async () => {
  const answer: Answer = await groups.next().then(
    ({ value }) => value ?? { done: true },
    (error) => ({ fault: error.message }),
  );
  process.send?.(answer);
});
