import { expect, test } from 'vitest';
import { markdown, type Report } from '../../bench/report.ts';
import { BASE, BASE_AGAIN, ORT, RELAXED, rows } from '../../bench/rows.ts';

const report = (rounds: [string, number[]][]): Report => ({
  date: '2026-01-01',
  cpu: 'Test CPU',
  cores: 2,
  avxVnni: false,
  node: 'v24.0.0',
  onnxruntimeWeb: '1.30.0',
  load: [0, 1],
  rows: rows('1 x 8', new Map(rounds), { base: { most: 9 }, relaxed: { ratio: 2 } }),
});
const common: [string, number[]][] = [
  [ORT, [20, 22, 24]],
  [BASE, [10, 11, 12]],
  [BASE_AGAIN, [10, 11, 12]],
];

test('a build that does not run has no figures, and its goals are said to be open', () => {
  const text = markdown(report(common));
  expect(text).toContain(
    '| 1 x 8    | base            | 22.0 ms  | 11.0 ms  | 2.00x | 2.00-2.00 | 3     | 9 ms missed |',
  );
  expect(text).toContain('relaxed build: not exact on this CPU');
  expect(text).toContain("Its goals can't be judged here: 1 x 8 2x.");
});

test('a build that runs has a row, and the A/A row holds base against its second copy', () => {
  const { rows } = report([...common, [RELAXED, [5, 5.5, 6]]]);
  expect(rows.map(({ build, result }) => [build, result?.speedup])).toEqual([
    ['base', 2],
    ['relaxed', 4],
    ['A/A: base, base', 1],
  ]);
});
