import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { allHold, type Outcome, outcomeOf } from './outcome.ts';
import { type Runtime, Unavailable } from './runtime.ts';
import { remarks, table } from './table.ts';

const [one, two] = ['1', '2'].map((digit) => digit.repeat(64));
const ran = (runtime: string, checks: Record<string, string>): Outcome => ({
  runtime,
  report: { simd: 'base', checks },
});
const skipped: Outcome = { runtime: 'Bun', skipped: 'npm has none' };
const failed: Outcome = { runtime: 'Deno', failed: 'no entry' };
const first = ran('Node 1', { load: 'ok', predict: one });

it.each<[string, Outcome[], boolean]>([
  ['equal digests', [first, ran('Node 2', { load: 'ok', predict: one })], true],
  [
    'equal digests beside a runtime that is not there',
    [first, skipped, ran('Node 2', first.report?.checks ?? {})],
    true,
  ],
  ['another digest', [first, ran('Node 2', { load: 'ok', predict: two })], false],
  ['a check that is missing', [first, ran('Node 2', { predict: one })], false],
  ['a check too many', [first, ran('Node 2', { load: 'ok', predict: one, more: one })], false],
  ['what is wrong everywhere', [ran('Node 1', { load: 'wrong (x)' }), ran('Node 2', { load: 'wrong (x)' })], false],
  ['no check at all', [ran('Node 1', {}), ran('Node 2', {})], false],
  ['a runtime that failed', [first, failed, ran('Node 2', first.report?.checks ?? {})], false],
  ['one runtime alone', [first, skipped], false],
])('%s', (_what, outcomes, expected) => {
  expect(allHold(outcomes)).toBe(expected);
});

it('a program that can’t be had is skipped, but for a required one in CI; what throws has failed', async () => {
  const missing = (required: boolean): Runtime => ({
    name: 'Bun',
    required,
    run: () => Promise.reject(new Unavailable('npm has none')),
  });
  expect(await outcomeOf(missing(false), true)).toEqual(skipped);
  expect(await outcomeOf(missing(true), false)).toEqual(skipped);
  expect(await outcomeOf(missing(true), true)).toEqual({ runtime: 'Bun', failed: 'npm has none' });
  const broken: Runtime = { name: 'Deno', required: false, run: () => Promise.reject(new Error('no entry')) };
  expect(await outcomeOf(broken, false)).toEqual(failed);
});

it('the table shows digests, and why a runtime has none', () => {
  const outcomes = [first, skipped, failed, ran('Node 2', { load: 'wrong (it hung)', predict: two })];
  const [header, kernels, load, predict] = stripVTControlCharacters(table(outcomes)).split('\n');
  expect(header).toMatch(/^ +Node 1 +Bun +Deno +Node 2 *$/);
  expect(kernels).toMatch(/^kernels +base +base *$/);
  expect(load).toMatch(/^load .*ok .*SKIPPED .*FAILED .*wrong/);
  expect(predict).toMatch(/11111111 .*SKIPPED .*FAILED .*22222222/);
  expect(remarks(outcomes)).toEqual([
    'Bun: SKIPPED: npm has none',
    'Deno: FAILED: no entry',
    'Node 2: load: wrong (it hung)',
  ]);
});
