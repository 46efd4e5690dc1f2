import { DataError, UsageError } from '../errors.ts';
import { splitOrder } from './random.ts';

/** Indices of the rows to train on and of those held out, both ascending. */
export interface Split {
  train: number[];
  evaluation: number[];
}

/**
 * Holds out a part of the rows, chosen by the seed. With groups of rows (those of one label) the part is taken of each:
 * rounded, but at least one row of each group of two or more, and never a whole one, so that rare labels are in both.
 *
 * @param groups of each row, from 0
 * @throws UsageError where the part is not from 0 to below 1
 * @throws DataError where no row can be held out
 */
export function splitRows(groups: readonly number[], part: number, seed: number): Split {
  if (!(typeof part === 'number' && part >= 0 && part < 1)) {
    throw new UsageError(`validation_split: expected a number from 0 to below 1, got ${part}`);
  }
  const held = new Set<number>();
  const members = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group);
    if (rows) rows.push(row);
    else members.set(group, [row]);
  });
  for (const [group, rows] of members) {
    const count = part === 0 ? 0 : Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * part)));
    for (const i of splitOrder(rows.length, seed, group).subarray(0, count)) held.add(rows[i]);
  }
  if (part > 0 && held.size === 0) {
    const got = members.size > 1 ? 'one of each' : groups.length;
    throw new DataError(
      `rows: expected at least 2 of a label, to hold one out (validation_split 0 holds out none), got ${got}`,
    );
  }
  const all = groups.map((_, row) => row);
  return { train: all.filter((row) => !held.has(row)), evaluation: all.filter((row) => held.has(row)) };
}
