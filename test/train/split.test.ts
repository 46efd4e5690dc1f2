import { expect, test } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { splitRows } from '../../src/train/split.ts';

const groups = [...Array(60).fill(0), ...Array(30).fill(1), ...Array(4).fill(2), 3];

test('a tenth of each label is held out, and at least one row where there are two', () => {
  const { train, evaluation } = splitRows(groups, 0.1, 42);
  expect([...train, ...evaluation].sort((a, b) => a - b)).toEqual(groups.map((_, i) => i));
  const counts = [0, 1, 2, 3].map((group) => evaluation.filter((row) => groups[row] === group).length);
  expect(counts).toEqual([6, 3, 1, 0]);
  expect(evaluation).toEqual(evaluation.toSorted((a, b) => a - b));
});

test('the seed chooses', () => {
  expect(splitRows(groups, 0.1, 1)).toEqual(splitRows(groups, 0.1, 1));
  expect(splitRows(groups, 0.1, 1)).not.toEqual(splitRows(groups, 0.1, 2));
});

test('something is left to train on', () => {
  expect(splitRows([0, 0, 1, 1], 0.99, 1).train).toHaveLength(2);
  expect(splitRows([0, 1], 0, 1)).toEqual({ train: [0, 1], evaluation: [] });
});

test('nothing to hold out', () => {
  expect(() => splitRows([0], 0.1, 1)).toThrow(
    new DataError('rows: expected at least 2 of a label, to hold one out (validation_split 0 holds out none), got 1'),
  );
  expect(() => splitRows([0, 1, 2], 0.1, 1)).toThrow('(validation_split 0 holds out none), got one of each');
  for (const part of [1, -0.1, Number.NaN]) {
    expect(() => splitRows([0, 0], part, 1)).toThrow(
      new UsageError(`validation_split: expected a number from 0 to below 1, got ${part}`),
    );
  }
});
