import { promisify } from 'node:util';
import { type CsvError, parse } from 'csv-parse';
import { DataError } from '../errors.ts';
import { show } from '../model/json.ts';
import type { Line } from './lines.ts';
import { lacksField, type Row } from './row.ts';

/** A row must fit in memory; in a longer one a closing quote is missing. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

/** Beyond it a file has lost its newlines, or is no table of texts. */
const MAX_COLUMNS = 10_000;

const FAULTS: Partial<Record<string, string>> = {
  INVALID_OPENING_QUOTE: 'expected quotes only around a whole field, got one inside',
  CSV_INVALID_CLOSING_QUOTE: 'expected a comma after a closing quote, got other text',
  CSV_QUOTE_NOT_CLOSED: 'expected a closing quote, got the end of the file',
  CSV_MAX_RECORD_SIZE: `expected a row of at most ${MAX_ROW_BYTES} bytes, got more (is a closing quote missing?)`,
};

/**
 * Rows of a file whose first line names the columns; blank lines are none. CSV is RFC 4180, newlines inside quotes
 * included; TSV knows no quotes (IANA text/tab-separated-values), so that a lone quote in a text is a quote. A row of
 * another number of fields is an error in its place.
 *
 * The last row of a read may come with the next read only, as csv-parse looks ahead: whoever writes a row and waits for
 * the answer writes JSONL.
 *
 * @param textColumn a column that the file must have, rows or none
 * @throws DataError naming the line where a row starts after which no other can be told
 */
export async function* delimitedRows(
  pieces: AsyncIterable<Line[]>,
  name: string,
  format: 'csv' | 'tsv',
  textColumn?: string,
): AsyncGenerator<(Row | DataError)[]> {
  let columns: string[] | undefined;
  let line = 1;
  // A stream that fails drops what it holds: rows do not go through it.
  const rows: (Row | DataError)[] = [];
  // Not csv-parse's own line number, which counts a CRLF inside quotes twice.
  const place = () => `${name}:${line + parser.info.empty_lines}`;

  const parser = parse({
    delimiter: format === 'csv' ? ',' : '\t',
    quote: format === 'csv' ? '"' : null,
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
    relax_column_count: true, // ours to check, in our words
    max_record_size: MAX_ROW_BYTES,
    on_record(fields) {
      if (columns) rows.push(named(columns, fields, place()));
      else columns = header(fields, textColumn);
      line += fields.join('').split('\n').length;
      return null;
    },
  });
  parser.on('error', () => {}); // `write` and `end` throw it
  const write = promisify((text: string, done: (error?: Error | null) => void) => parser.write(text, done));
  const end = promisify((done: (error?: Error | null) => void) => parser.end(done));

  let fault: Error | undefined;
  try {
    for await (const lines of pieces) {
      await write(lines.map(({ text }) => `${text}\n`).join(''));
      if (rows.length > 0) yield rows.splice(0);
    }
  } catch (error) {
    fault = error as Error;
  }
  await end().catch((error) => (fault ??= error));
  if (rows.length > 0) yield rows;
  if (fault && fault !== parser.errored) throw fault;
  if (fault) throw new DataError(`${place()}: ${FAULTS[(fault as CsvError).code] ?? fault.message}`);
}

function named(columns: readonly string[], fields: readonly string[], place: string): Row | DataError {
  if (fields.length !== columns.length) {
    return new DataError(`${place}: expected ${columns.length} fields, got ${fields.length}`);
  }
  return { place, fields: Object.fromEntries(columns.map((column, i) => [column, fields[i]])) };
}

function header(columns: string[], textColumn?: string): string[] {
  if (columns.length > MAX_COLUMNS) throw new Error(`expected at most ${MAX_COLUMNS} columns, got ${columns.length}`);
  const seen = new Set<string>();
  const twice = columns.find((column) => seen.size === seen.add(column).size);
  if (twice !== undefined) throw new Error(`expected columns of different names, got ${show(twice)} twice`);
  if (textColumn !== undefined && !seen.has(textColumn)) {
    throw new Error(lacksField(textColumn, columns, '--text-column'));
  }
  return columns;
}
