import { expect, test } from 'vitest';
import { BASE, BASE_AGAIN, ORT_WEB, RELAXED } from '../../bench/peers/names.ts';
import type { Report } from '../../bench/report.ts';
import { resultOf } from '../../bench/results.ts';
import { table } from '../../bench/table.ts';
import { tables } from '../../bench/tables.ts';

const report: Report = {
  date: '2026-01-01',
  cpu: 'Test CPU',
  cores: 2,
  avxVnni: false,
  node: 'v24.0.0',
  versions: { [ORT_WEB]: '1.30.0' },
  load: [0, 1],
  minutes: 20,
  quick: false,
  results: {
    latency: [
      resultOf(
        '1 x 8',
        new Map([
          [ORT_WEB, [20, 22, 24]],
          [BASE, [10, 11, 12]],
          [BASE_AGAIN, [10, 11, 12]],
        ]),
        { base: { most: 9 }, relaxed: { ratio: 2 } },
      ),
    ],
  },
  roofline: {
    build: 'base',
    ceiling: 40,
    bandwidth: 9.5,
    lengths: [{ sequences: 1, tokens: 8, gmacs: 10 }],
    batches: [{ sequences: 2, tokens: 16, gmacs: 20 }],
  },
  absent: { [RELAXED]: 'not exact here' },
};
const cells = (line: string) => line.split('|').map((cell) => cell.trim());
const lines = tables(report).split('\n').map(cells);

test('a row has the medians by contestant, and a row for each ratio with its goal', () => {
  expect(lines).toContainEqual(['', '', ORT_WEB, BASE, BASE_AGAIN, '']);
  expect(lines).toContainEqual(['', '1 x 8', '22.0 ms', '11.0 ms', '11.0 ms', '']);
  expect(lines).toContainEqual(['', '1 x 8', `${ORT_WEB} / ${BASE}`, '2.00x', '2.00-2.00', '3', '9 ms missed', '']);
});

test('a contestant that is not there is told with its reason, and its goal is open', () => {
  expect(tables(report)).toContain(`Goals that can't be judged here: ${RELAXED}, 1 x 8: 2x over ${ORT_WEB}.`);
  expect(tables(report)).toContain(`- ${RELAXED}: not exact here`);
});

test('speeds are told beside their share of the ceiling', () => {
  expect(lines).toContainEqual(['', '1 x 8', '10.0', '25 %', '']);
  expect(lines).toContainEqual(['', '2 x 8', '20.0', '50 %', '']);
});

test('a quick run says that it is none to quote', () => {
  expect(tables(report)).not.toContain('no figure here is a result');
  expect(tables({ ...report, quick: true })).toContain('no figure here is a result');
});

test('columns of a table are as wide as their widest cell', () => {
  expect(table(['a', 'ms'], [['long name', '1.5']], (column) => column === 1)).toBe(
    '| a         |  ms |\n| --------- | --: |\n| long name | 1.5 |',
  );
});
