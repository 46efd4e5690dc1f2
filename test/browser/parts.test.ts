import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { latest } from '../../examples/browser/src/model/latest.ts';
import { shiftSpans } from '../../examples/browser/src/page/shift.ts';
import { looksDelimited, parseRows } from '../../examples/browser/src/rows/delimited.ts';
import { takeRows } from '../../examples/browser/src/rows/take.ts';
import { usableRows } from '../../examples/browser/src/rows/usable.ts';
import { modelFiles } from '../../examples/browser/vite/model-files.ts';

describe('latest', () => {
  it('works on the first value and on the newest of those that came meanwhile', async () => {
    const { work, seen, finish } = slowWork();
    const first = work(1);
    await expect.poll(() => seen).toEqual(['1 began']);
    const others = [work(2), work(3)];
    finish();
    await Promise.all([first, ...others]);
    expect(seen).toEqual(['1 began', '1 is the newest: false', '3 began', '3 is the newest: true']);
  });

  it('tells of an error, and works on what came before it', async () => {
    const { work, seen, finish } = slowWork();
    const first = work(-1);
    await expect.poll(() => seen).toEqual(['-1 began']);
    const second = work(2);
    finish();
    await expect(first).rejects.toThrow('got -1');
    await second;
    await work(3);
    expect(seen.filter((what) => what.endsWith('began'))).toEqual(['-1 began', '2 began', '3 began']);
  });

  /** Work whose first value takes until `finish`, and which fails where a value is negative. */
  function slowWork() {
    const seen: string[] = [];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const work = latest(async (value: number, isNewest) => {
      seen.push(`${value} began`);
      await finished;
      seen.push(`${value} is the newest: ${isNewest()}`);
      if (value < 0) throw new Error(`got ${value}`);
    });
    return { work, seen, finish };
  }
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

describe('takeRows', () => {
  const lines = (count: number) => new Blob(['One,bug\n'.repeat(count)]);

  it('takes as many rows as the list has room for', async () => {
    expect(await takeRows(lines(1999), 1)).toHaveLength(1999);
  });

  it.each([
    [lines(2000), 1, 'expected at most 2,000 rows in all, got 2,001'],
    [new Blob(['a'.repeat(1_000_001)]), 0, 'expected at most 1,000,000 bytes, got 1,000,001'],
  ])('refuses more: %#', async (source, had, message) => {
    await expect(takeRows(source, had)).rejects.toThrow(message);
  });
});

describe('modelFiles', () => {
  it('copies a model that was cut, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bertwasm-model-files-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const files = { 'encoder.safetensors': { size: 5, parts: [3, 2] }, 'head.safetensors': { size: 1 } };
    const stored = ['encoder.safetensors.part1', 'encoder.safetensors.part2', 'head.safetensors'];
    await writeFile(join(folder, 'config.json'), JSON.stringify({ bertwasm: { files } }));
    for (const file of [...stored, 'README.md']) await writeFile(join(folder, file), file);

    const { config, writeBundle } = modelFiles(folder) as unknown as Record<string, (given?: object) => unknown>;
    expect(await config()).toEqual({ define: { MODEL_BYTES: 6 } });
    const dir = join(folder, 'built');
    await writeBundle({ dir });
    expect((await readdir(join(dir, 'model'))).sort()).toEqual(['config.json', ...stored]);
    expect(await readFile(join(dir, 'model', stored[1]), 'utf8')).toBe(stored[1]);
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
