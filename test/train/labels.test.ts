import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { checkLabels, collectLabels, labelIds } from '../../src/train/labels.ts';
import { kindOfRows, type SequenceRow, type TokenRow } from '../../src/train/rows.ts';

const texts = (...labels: (string | string[])[]): SequenceRow[] => labels.map((label) => ({ text: 't', label }));
const sentence = (...tags: string[]): TokenRow[] => [{ tokens: tags.map(() => 'w'), tags }];

test('labels are in ascending order', () => {
  expect(collectLabels(texts('pos', 'neg', 'Zero', 'pos'), 'single')).toEqual(['Zero', 'neg', 'pos']);
  expect(collectLabels(texts('10', '9', '-1', '0'), 'single')).toEqual(['-1', '0', '9', '10']);
  expect(collectLabels(texts('10', '9', 'x'), 'single')).toEqual(['10', '9', 'x']);
  expect(collectLabels(texts(['b', 'a'], [], ['c']), 'multi')).toEqual(['a', 'b', 'c']);
  // U+FF5E is above the surrogates of U+1F600: code units, not code points.
  expect(collectLabels(texts('\u{1f600}', '\uff5e', 'é', 'z'), 'single')).toEqual(['z', 'é', '\u{1f600}', '\uff5e']);
});

test('of tags O is first, and B- is before I-', () => {
  expect(collectLabels(sentence('I-PER', 'B-PER', 'O', 'I-LOC', 'B-LOC', 'S-LOC', 'E-LOC'), 'token')).toEqual([
    'O',
    'B-LOC',
    'I-LOC',
    'E-LOC',
    'S-LOC',
    'B-PER',
    'I-PER',
  ]);
  expect(collectLabels(sentence('VERB', 'NOUN', 'O'), 'token')).toEqual(['O', 'NOUN', 'VERB']);
});

test.each([
  [() => collectLabels(texts('pos', 'pos'), 'single'), 'labels: expected at least 2, got 1 ("pos")'],
  [() => collectLabels(texts([], []), 'multi'), 'labels: expected at least 2, got 0'],
  [
    () => collectLabels(texts('a', ''), 'single'),
    'rows[1]: expected a label of plain text, 1 to 200 characters, got ""',
  ],
  [() => collectLabels(texts('a', 'b\n'), 'single'), 'rows[1]: expected a label of plain text'],
  [() => collectLabels(texts('a', 'b'.repeat(201)), 'single'), 'rows[1]: expected a label of plain text'],
  [() => checkLabels(['a', 'b', 'a']), 'labels: expected plain texts that differ, got "a"'],
  [() => checkLabels(Array.from({ length: 10_001 }, String)), 'labels: expected at most 10000, got 10001'],
  [
    () => labelIds([{ text: '', label: 'c', place: 'dev.csv:7' }], ['a', 'b'], 'evaluation'),
    'dev.csv:7: expected a label of "a", "b", got "c"',
  ],
  [() => labelIds(texts('a', 'c'), ['a', 'b'], 'evaluation'), 'evaluation[1]: expected a label of "a", "b", got "c"'],
  [() => labelIds(texts(['a', 'a']), ['a', 'b'], 'rows'), 'rows[0]: expected each label once, got ["a","a"]'],
])('%s', (call, message) => {
  expect(call).toThrow(DataError);
  expect(call).toThrow(message);
});

test('labels become ids in the given order', () => {
  expect(labelIds(texts('b', 'a'), ['b', 'a'], 'rows')).toEqual([[0], [1]]);
  expect(labelIds(texts(['a', 'b'], []), ['b', 'a'], 'rows')).toEqual([[1, 0], []]);
  expect(labelIds(sentence('O', 'O', 'B-X'), ['O', 'B-X'], 'rows')).toEqual([[0, 0, 1]]);
});

test.each([
  [undefined, 'rows: expected rows, got undefined'],
  [[], 'rows: expected rows, got none'],
  [[null], 'rows[0]: expected a row, got null'],
  [[{ text: 1, label: 'a' }], 'rows[0]: text: expected a string, got number'],
  [[{ text: 'a' }], 'rows[0]: label: expected an array of strings, got undefined'],
  [[{ text: 'a', label: [1] }], 'rows[0]: label: expected an array of strings, got [1]'],
  [[{ tokens: ['a'], tags: [] }], 'rows[0]: expected 1 tags, one a token, got 0'],
  [[{ tokens: 'a', tags: ['O'] }], 'rows[0]: tokens: expected an array of strings, got "a"'],
  [
    [
      { text: 'a', label: 'x' },
      { text: 'a', label: ['x'], place: 'f:3' },
    ],
    'f:3: expected a row with a text and a label like those before, got a text and an array of labels',
  ],
])('rows of %o', (rows, message) => {
  expect(() => kindOfRows(rows as never, 'rows')).toThrow(new DataError(message));
});
