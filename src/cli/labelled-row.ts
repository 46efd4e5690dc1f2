import { DataError } from '../errors.ts';
import { isLabel, LIMITS } from '../model/config.ts';
import { show } from '../model/json.ts';
import type { SequenceRow, TokenRow } from '../train/rows.ts';
import { expectedTag, isTag, isTokens } from './conll.ts';
import { labelReader } from './labels.ts';
import type { Row } from './row.ts';

export type RowTask = 'text-classification' | 'token-classification';

/** Which fields hold the text or the tokens, and the label or the tags. */
export interface Columns {
  text: string;
  label: string;
}

/** How to make a labelled row of a file's, or the error to stand in its place. */
export function rowReader(
  task: RowTask,
  columns: Columns,
  { labels, labelSeparator }: { labels?: readonly string[]; labelSeparator?: string },
): (row: Row) => SequenceRow | TokenRow | DataError {
  const readLabel = labels ? labelReader(labels) : undefined;
  /** The label's name, or an error; a name is wrapped, since it may be any text. */
  const nameOf = (label: unknown): { name: string } | string => {
    if (readLabel) {
      const id = readLabel(label, columns.label);
      return typeof id === 'string' ? id : { name: (labels as readonly string[])[id] };
    }
    const named =
      (typeof label === 'string' && label !== '') || typeof label === 'number' || typeof label === 'boolean';
    if (!named) return `expected a label in ${show(columns.label)}, got ${show(label)}`;
    if (isLabel(String(label))) return { name: String(label) };
    return `expected a label of plain text, 1 to ${LIMITS.labelLength} characters, in ${show(columns.label)}, got ${show(label)}`;
  };
  const namesOf = (given: readonly unknown[]): string[] | string => {
    const read = given.map(nameOf);
    return read.find((label) => typeof label === 'string') ?? read.map((label) => (label as { name: string }).name);
  };
  let several: boolean | undefined;

  function sequenceRow({ place, fields }: Row): SequenceRow | string {
    const text = fields[columns.text];
    let label = fields[columns.label];
    if (typeof text !== 'string') return expectedField(fields, columns.text, 'a string');
    if (!Object.hasOwn(fields, columns.label)) return expectedField(fields, columns.label, 'a label');
    if (labelSeparator !== undefined && typeof label === 'string') {
      label = label === '' ? [] : label.split(labelSeparator).map((part) => part.trim());
    }
    several ??= Array.isArray(label);
    if (Array.isArray(label) !== several) {
      return `expected ${several ? 'an array of labels' : 'one label'} as in the rows before, got ${show(label)}`;
    }
    if (Array.isArray(label)) {
      const names = namesOf(label);
      if (typeof names === 'string') return names;
      if (new Set(names).size !== names.length) return `expected each label once, got ${show(names)}`;
      return { text, label: names, place };
    }
    const named = nameOf(label);
    return typeof named === 'string' ? named : { text, label: named.name, place };
  }

  function tokenRow({ place, fields }: Row): TokenRow | string {
    const tokens = fields[columns.text];
    const given = fields[columns.label];
    if (!isTokens(tokens)) return expectedField(fields, columns.text, 'an array of tokens');
    if (!Array.isArray(given)) return expectedField(fields, columns.label, 'an array of tags');
    if (tokens.length !== given.length)
      return `expected a tag for each of ${tokens.length} tokens, got ${given.length}`;
    const tags = namesOf(given);
    if (typeof tags === 'string') return tags;
    const wrong = labels ? undefined : tags.find((tag) => !isTag(tag));
    return wrong === undefined ? { tokens, tags, place } : `${expectedTag(wrong)} (--labels names tags by id)`;
  }

  const read = task === 'token-classification' ? tokenRow : sequenceRow;
  return (row) => {
    const result = read(row);
    return typeof result === 'string' ? new DataError(`${row.place}: ${result}`) : result;
  };
}

function expectedField(fields: Row['fields'], column: string, expected: string): string {
  const got = Object.hasOwn(fields, column) ? show(fields[column]) : 'no such field';
  return `expected ${expected} in ${show(column)}, got ${got}`;
}
