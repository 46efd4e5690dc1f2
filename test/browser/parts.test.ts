import { describe, expect, it } from 'vitest';
import { latest } from '../../examples/browser/src/model/latest.ts';
import { shiftSpans } from '../../examples/browser/src/page/shift.ts';
import { looksDelimited, parseRows } from '../../examples/browser/src/rows/delimited.ts';
import { usableRows } from '../../examples/browser/src/rows/usable.ts';

describe('latest', () => {
  it('works on the first value and on the newest of those that came meanwhile', async () => {
    const seen: number[] = [];
    let free = () => {};
    const work = latest(async (value: number) => {
      seen.push(value);
      await new Promise<void>((resolve) => {
        free = resolve;
      });
    });
    const done = work(1);
    await work(2);
    await work(3);
    free();
    await Promise.resolve();
    await Promise.resolve();
    free();
    await done;
    expect(seen).toEqual([1, 3]);
  });

  it('works on after an error', async () => {
    const seen: number[] = [];
    const work = latest(async (value: number) => {
      seen.push(value);
      if (value === 1) throw new Error('one');
    });
    await expect(work(1)).rejects.toThrow('one');
    await work(2);
    expect(seen).toEqual([1, 2]);
  });
});

describe('shiftSpans', () => {
  const from = 'Anna met Bob in Oslo';
  const spans = [
    { start: 0, end: 4 },
    { start: 9, end: 12 },
    { start: 16, end: 20 },
  ];
  const shown = (to: string) => shiftSpans(spans, from, to).map(({ start, end }) => to.slice(start, end));

  it.each([
    ['Anna met Bob in Oslo.', ['Anna', 'Bob', 'Oslo']],
    ['Anna once met Bob in Oslo', ['Anna', 'Bob', 'Oslo']],
    ['Anna met Bobby in Oslo', ['Anna', 'Bob', 'Oslo']],
    ['Anna met Rob in Oslo', ['Anna', 'Oslo']],
    ['Anna in Oslo', ['Anna', 'Oslo']],
    ['', []],
  ])('%s', (to, expected) => {
    expect(shown(to)).toEqual(expected);
  });
});

describe('parseRows', () => {
  const row = { text: 'One, two', label: 'bug' };

  it.each([
    ['cells of a spreadsheet', 'One, two\tbug\n'],
    ['CSV', '"One, two",bug\r\n'],
    ['columns by name', 'id,Label,Text\n7,bug,"One, two"\n'],
    ['a mark of the encoding and empty lines', '\uFEFF"One, two",bug\n\n\n'],
  ])('reads %s', (_what, source) => {
    expect(parseRows(source)).toEqual([row]);
  });

  it.each([
    ['', 'expected rows of a text and a label, got none'],
    ['text,label\n', 'expected rows of a text and a label, got none'],
    ['One,bug\nTwo\n', 'row 2: expected a text and a label, got "Two"'],
    ['"One,bug\n', 'Quote Not Closed'],
  ])('refuses %j', (source, message) => {
    expect(() => parseRows(source)).toThrow(message);
  });

  it('tells rows from a sentence', () => {
    expect(looksDelimited('One\tbug')).toBe(true);
    expect(looksDelimited('One,bug\nTwo,bug\n')).toBe(true);
    expect(looksDelimited('One, two, three.\n')).toBe(false);
    expect(looksDelimited('One.\nTwo.')).toBe(false);
  });
});

describe('usableRows', () => {
  it('leaves out what is empty', () => {
    const rows = [
      { text: ' a ', label: 'x' },
      { text: '', label: ' ' },
      { text: 'b', label: 'y ' },
    ];
    expect(usableRows(rows)).toEqual([
      { text: 'a', label: 'x' },
      { text: 'b', label: 'y' },
    ]);
  });

  it.each([
    [[{ text: 'a', label: '' }], 'Row 1: expected a label, got none.'],
    [[{ text: '', label: 'x' }], 'Row 1: expected a text, got none.'],
    [[], 'Expected rows of at least two labels, got none.'],
    [[{ text: 'a', label: 'x' }], 'Expected rows of at least two labels, got 1.'],
  ])('refuses %j', (rows, message) => {
    expect(() => usableRows(rows)).toThrow(message);
  });
});
