import { describe, expect, it } from 'vitest';
import { conllRows } from '../../src/cli/conll.ts';
import { delimitedRows } from '../../src/cli/delimited.ts';
import { readLines } from '../../src/cli/lines.ts';
import { exponent, fill, LINEAR } from '../fixtures/growth.ts';
import { pieces } from './pieces.ts';

/** Small reads, as of a pipe, so that what each of them repeats would show. */
const READ = 4096;

async function drain(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of rows);
}

describe('1 MB takes linear time', { timeout: 120_000 }, () => {
  it.each([
    ['one long line', fill('word ')],
    ['short lines', fill('a\n')],
    ['empty lines', fill('\n')],
  ])('as lines: %s', async (_, make) => {
    expect(await exponent((text: string) => drain(readLines(pieces(text, READ), 'f')), make)).toBeLessThan(LINEAR);
  });

  it.each([
    ['one long sentence', fill('a\tO\n')],
    ['short sentences', fill('a O\n\n')],
    ['one long token', (length: number) => `${fill('a ')(length - (length % 2))}O\n`],
  ])('as CoNLL: %s', async (_, make) => {
    const run = (text: string) => drain(conllRows(readLines(pieces(text, READ), 'f')));
    expect(await exponent(run, make)).toBeLessThan(LINEAR);
  });

  const columns = (length: number) =>
    Array.from({ length: length / 128 }, (_, i) => `c${i}`.padEnd(127, '-')).join(',');
  it.each([
    ['one long field', (length: number) => `x\n${fill('word ')(length)}`],
    ['one long quoted field', (length: number) => `x\n"${fill('a\n""b, ')(length - (length % 7))}"`],
    ['short rows', (length: number) => `x,y\n${fill('1,a\n')(length)}`],
    ['empty lines', (length: number) => `x${fill('\n')(length)}`],
    ['many columns', (length: number) => `${columns(length)}\n${columns(length)}`],
  ])('as CSV: %s', async (_, make) => {
    const run = (text: string) => drain(delimitedRows(readLines(pieces(text, READ), 'f'), 'f', 'csv'));
    expect(await exponent(run, make)).toBeLessThan(LINEAR);
  });
});
