import { DataError } from '../errors.ts';
import { isObject, show } from '../model/json.ts';
import { kind } from '../tasks/texts.ts';

/** A text and its label; with arrays of labels, a text may have any number of them. */
export interface SequenceRow {
  text: string;
  label: string | readonly string[];
  /** For messages, `file:line`; by default the index of the row. */
  place?: string;
}

/** A sentence in words and a tag for each. */
export interface TokenRow {
  tokens: readonly string[];
  tags: readonly string[];
  place?: string;
}

export type TrainingRow = SequenceRow | TokenRow;
export type TrainingRows = readonly SequenceRow[] | readonly TokenRow[];

/** What rows can be: one label each, any number of labels, or a tag for each word. */
export type RowKind = 'single' | 'multi' | 'token';

export function placeOf(row: TrainingRow, index: number, name: string): string {
  return row.place ?? `${name}[${index}]`;
}

/**
 * What all of the rows are. They may come from a caller without types.
 *
 * @param name of the set, for messages
 * @throws DataError by the place of the row that is malformed, or of another kind than the first
 */
export function kindOfRows(rows: TrainingRows, name: string): RowKind {
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new DataError(`${name}: expected rows, got ${Array.isArray(rows) ? 'none' : kind(rows)}`);
  }
  const kinds = rows.map((row, i) => checkRow(row, i, name));
  const other = kinds.findIndex((each) => each !== kinds[0]);
  if (other >= 0) {
    const expected = `a row with ${WORDS[kinds[0]]} like those before`;
    throw new DataError(`${placeOf(rows[other], other, name)}: expected ${expected}, got ${WORDS[kinds[other]]}`);
  }
  return kinds[0];
}

const WORDS = { single: 'a text and a label', multi: 'a text and an array of labels', token: 'tokens and tags' };

function checkRow(row: unknown, index: number, name: string): RowKind {
  if (!isObject(row)) throw new DataError(`${name}[${index}]: expected a row, got ${kind(row)}`);
  const where = placeOf(row as unknown as TrainingRow, index, name);
  const strings = (key: string): readonly string[] => {
    const value = row[key];
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) {
      throw new DataError(`${where}: ${key}: expected an array of strings, got ${show(value)}`);
    }
    return value;
  };
  if (Object.hasOwn(row, 'tokens')) {
    const [tokens, tags] = [strings('tokens'), strings('tags')];
    if (tokens.length === tags.length) return 'token';
    throw new DataError(`${where}: expected ${tokens.length} tags, one a token, got ${tags.length}`);
  }
  if (typeof row.text !== 'string') throw new DataError(`${where}: text: expected a string, got ${kind(row.text)}`);
  if (typeof row.label === 'string') return 'single';
  strings('label');
  return 'multi';
}
