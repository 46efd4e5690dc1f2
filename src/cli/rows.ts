import { DataError } from '../errors.ts';
import { isObject, show } from '../model/json.ts';
import { CONLL_COLUMNS, conllRows, isTokens } from './conll.ts';
import { gunzip } from './gunzip.ts';
import type { Input } from './input.ts';
import { type Line, readLines } from './lines.ts';
import { lacksField, type Row } from './row.ts';

export interface TextRow extends Row {
  text: string;
}

/** Names of Hugging Face's class labels, by column. */
export type ClassLabels = Readonly<Record<string, readonly string[]>>;

/**
 * The rows of a file, in order, in pieces: what each read completed. Nothing is read ahead of what is asked for, and
 * rows ahead of a fault are yielded before the fault is thrown.
 *
 * @param textColumn the field that holds the text
 * @throws DataError naming the file and the line
 */
export function readRows(input: Input, textColumn: string): AsyncGenerator<TextRow[]> {
  return mapEach(readAnyRows(input, { textColumn }), (row) => {
    if (row instanceof DataError) throw row;
    return withText(row, textColumn);
  });
}

/**
 * The same with whatever fields they have; a row at fault is an error in its place, a file at fault is thrown.
 *
 * @param textColumn a column that a CSV or TSV file must have, rows or none; the one of plain lines is `text` by default
 * @param onClassLabels called ahead of the rows with the labels that a parquet file declares
 */
export async function* readAnyRows(
  { name, format, chunks, gzip }: Input,
  { textColumn, onClassLabels }: { textColumn?: string; onClassLabels?: (labels: ClassLabels) => void } = {},
): AsyncGenerator<(Row | DataError)[]> {
  if (format === 'parquet') return yield* (await import('./parquet.ts')).parquetRows(name, onClassLabels);
  const lines = readLines(gzip ? gunzip(chunks, name) : chunks, name);
  switch (format) {
    case 'csv':
    case 'tsv':
      return yield* (await import('./delimited.ts')).delimitedRows(lines, name, format, textColumn);
    case 'jsonl':
      return yield* mapEach(lines, jsonRow);
    case 'conll':
      return yield* conllRows(lines);
    case 'txt':
      return yield* mapEach(lines, ({ place, text }) => ({
        place,
        fields: { [textColumn ?? 'text']: text.replace(/\r$/, '') },
      }));
  }
}

/** Maps every item of every piece; `undefined` drops one. A fault comes after the items ahead of it. */
export async function* mapEach<T, U>(pieces: AsyncIterable<T[]>, map: (item: T) => U | undefined): AsyncGenerator<U[]> {
  for await (const piece of pieces) {
    const mapped: U[] = [];
    let fault: unknown;
    for (const item of piece) {
      try {
        const value = map(item);
        if (value !== undefined) mapped.push(value);
      } catch (error) {
        fault = error;
        break;
      }
    }
    if (mapped.length > 0) yield mapped;
    if (fault) throw fault;
  }
}

/** The object of a JSONL line; a blank line holds none. */
function jsonRow({ place, text }: Line): Row | DataError | undefined {
  if (text.trim() === '') return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return new DataError(
      `${place}: expected a JSON object, got ${show(text.slice(0, 40))} (plain lines: --input-format txt)`,
    );
  }
  if (!isObject(fields)) return new DataError(`${place}: expected a JSON object, got ${show(fields)}`);
  return { place, fields, json: text };
}

function withText(row: Row, column: string): TextRow {
  const { place, fields } = row;
  if (!Object.hasOwn(fields, column)) {
    const tokens = fields[CONLL_COLUMNS.tokens];
    if (isTokens(tokens)) return withTokens(row, column, tokens);
    throw new DataError(`${place}: ${lacksField(column, Object.keys(fields), '--text-column')}`);
  }
  const text = fields[column];
  if (typeof text !== 'string')
    throw new DataError(`${place}: expected a string in ${show(column)}, got ${show(text)}`);
  return { ...row, text };
}

/** A sentence of tokens as a text: with spaces between, which is what is known of it. */
function withTokens(row: Row, column: string, tokens: readonly string[]): TextRow {
  const text = tokens.join(' ');
  return { ...row, fields: { [column]: text, ...row.fields }, text };
}

/**
 * A row as a line of JSON, with more fields, which replace those of the same name or, `undefined`, remove them. Where there is none to replace, a
 * JSON row's own text is kept: reading and writing it again would cut long numbers, such as 64-bit ids.
 */
export function jsonLine({ fields, json }: Row, added: Record<string, unknown>): string {
  const names = Object.keys(fields);
  if (json === undefined || names.length === 0 || names.some((name) => Object.hasOwn(added, name))) {
    return `${JSON.stringify({ ...fields, ...added })}\n`;
  }
  return `${json.slice(0, json.lastIndexOf('}'))},${JSON.stringify(added).slice(1)}\n`;
}
