import { DataError, UsageError } from '../errors.ts';
import { isLabel, LIMITS } from '../model/config.ts';
import { show } from '../model/json.ts';
import { placeOf, type RowKind, type SequenceRow, type TokenRow, type TrainingRow, type TrainingRows } from './rows.ts';

/** The labels or tags of a row. */
export function labelsOf(row: TrainingRow): readonly string[] {
  if ('tags' in row) return row.tags;
  return typeof row.label === 'string' ? [row.label] : row.label;
}

/**
 * All labels of the rows by id. Their order is ascending: by value where all are whole numbers, else by UTF-16 code
 * units; tags by type, B- before I-, and O before all.
 *
 * @throws DataError where a label is no plain text, or there are not at least 2
 */
export function collectLabels(rows: TrainingRows, kind: RowKind): string[] {
  const found = new Set<string>();
  rows.forEach((row, i) => {
    for (const label of labelsOf(row)) {
      if (found.has(label)) continue;
      if (label === '' || !isLabel(label)) {
        const expected = `a label of plain text, 1 to ${LIMITS.labelLength} characters`;
        throw new DataError(`${placeOf(row, i, 'rows')}: expected ${expected}, got ${show(label)}`);
      }
      found.add(label);
    }
  });
  return checkLabels([...found].sort(kind === 'token' ? compareTags : comparison([...found])));
}

/**
 * @throws DataError where the labels are too few, too many, not plain text, or not all different
 * @throws UsageError where they are no array
 */
export function checkLabels(labels: readonly string[]): string[] {
  if (!Array.isArray(labels)) throw new UsageError(`labels: expected an array of names, got ${show(labels)}`);
  if (labels.length < 2) {
    throw new DataError(
      `labels: expected at least 2, got ${labels.length}${labels.length === 1 ? ` (${show(labels[0])})` : ''}`,
    );
  }
  if (labels.length > LIMITS.labels) {
    throw new DataError(
      `labels: expected at most ${LIMITS.labels}, got ${labels.length}: is this the column of labels?`,
    );
  }
  const wrong = labels.find((label, i) => label === '' || !isLabel(label) || labels.indexOf(label) !== i);
  if (wrong !== undefined) throw new DataError(`labels: expected plain texts that differ, got ${show(wrong)}`);
  return [...labels];
}

/**
 * The label ids of each row.
 *
 * @param name of the set, for messages
 * @throws DataError by the place of the row whose label is none of `labels`, or has one twice
 */
export function labelIds(rows: TrainingRows, labels: readonly string[], name: string): number[][] {
  const ids = new Map(labels.map((label, id) => [label, id]));
  return rows.map((row: SequenceRow | TokenRow, i) => {
    const given = labelsOf(row).map((label) => {
      const id = ids.get(label);
      if (id !== undefined) return id;
      const known =
        labels.slice(0, 8).map(show).join(', ') + (labels.length > 8 ? `, … (${labels.length} in all)` : '');
      throw new DataError(`${placeOf(row, i, name)}: expected a label of ${known}, got ${show(label)}`);
    });
    if (!('tags' in row) && new Set(given).size !== given.length) {
      throw new DataError(`${placeOf(row, i, name)}: expected each label once, got ${show(labelsOf(row))}`);
    }
    return given;
  });
}

/** scikit-learn's `balanced`: N / (L * vectors that have the label), and 0 for a label that none has. f32 [L] */
export function balancedWeights(counts: readonly number[]): Float32Array {
  const total = counts.reduce((a, b) => a + b, 0);
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : total / (counts.length * count)));
}

function comparison(labels: readonly string[]): (a: string, b: string) => number {
  return labels.every((label) => /^-?\d{1,15}$/.test(label)) ? (a, b) => Number(a) - Number(b) : compare;
}

function compareTags(a: string, b: string): number {
  const [x, y] = [parseTag(a), parseTag(b)];
  return compare(x.type, y.type) || x.letter - y.letter;
}

/** O has a type that is ahead of all. */
function parseTag(tag: string): { type: string; letter: number } {
  if (tag === 'O') return { type: '', letter: 0 };
  const match = /^([BIES])-(.+)$/su.exec(tag);
  return match ? { type: match[2], letter: 'BIES'.indexOf(match[1]) } : { type: tag, letter: -1 };
}

/** By UTF-16 code units, as `sort` does by itself. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
