import { DataError } from '../errors.ts';
import { isObject, show } from '../model/json.ts';
import { delimitedRows } from './delimited.ts';
import type { Input } from './input.ts';
import { type Line, readLines } from './lines.ts';
import { lacksField, type Row } from './row.ts';

export interface TextRow extends Row {
  text: string;
}

/**
 * The rows of a file, in order, in pieces: what each read completed. Nothing is read ahead of what is asked for, and
 * rows ahead of a fault are yielded before the fault is thrown.
 *
 * @param textColumn the field that holds the text
 * @throws DataError naming the file and the line
 */
export function readRows({ chunks, name, format }: Input, textColumn: string): AsyncGenerator<TextRow[]> {
  const lines = readLines(chunks, name);
  switch (format) {
    case 'csv':
    case 'tsv':
      return mapEach(delimitedRows(lines, name, format, textColumn), (row) => withText(row, textColumn));
    case 'jsonl':
      return mapEach(lines, (line) => withText(jsonRow(line), textColumn));
    case 'txt':
      return mapEach(lines, ({ place, text: line }) => {
        const text = line.replace(/\r$/, '');
        return { place, text, fields: { [textColumn]: text } };
      });
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
function jsonRow({ place, text }: Line): Row | undefined {
  if (text.trim() === '') return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    throw new DataError(
      `${place}: expected a JSON object, got ${show(text.slice(0, 40))} (plain lines: --input-format txt)`,
    );
  }
  if (!isObject(fields)) throw new DataError(`${place}: expected a JSON object, got ${show(fields)}`);
  return { place, fields, json: text };
}

function withText(row: Row | undefined, column: string): TextRow | undefined {
  if (!row) return undefined;
  const { place, fields } = row;
  if (!Object.hasOwn(fields, column)) {
    throw new DataError(`${place}: ${lacksField(column, Object.keys(fields), '--text-column')}`);
  }
  const text = fields[column];
  if (typeof text !== 'string')
    throw new DataError(`${place}: expected a string in ${show(column)}, got ${show(text)}`);
  return { ...row, text };
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
