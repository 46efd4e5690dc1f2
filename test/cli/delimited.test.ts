import fc from 'fast-check';
import { expect, it } from 'vitest';
import { delimitedRows } from '../../src/cli/delimited.ts';
import { readLines } from '../../src/cli/lines.ts';
import type { Row } from '../../src/cli/row.ts';
import { DataError } from '../../src/errors.ts';
import { pieces } from './pieces.ts';

async function parse(text: string | Uint8Array, format: 'csv' | 'tsv', size = 7, rows: Row[] = []): Promise<Row[]> {
  for await (const piece of delimitedRows(readLines(pieces(text, size), 'f'), 'f', format))
    rows.push(...(piece as Row[]));
  return rows;
}

const field = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '"', ',', '\n', '\r', '\t', ' '), maxLength: 8 });

it('reads back whatever RFC 4180 can write, from reads of any size', async () => {
  const quote = (text: string, bare: boolean) =>
    bare && !/[",\r\n]/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(field, field, fc.boolean()), { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 20 }),
      async (records, newline, last, size) => {
        const lines = records.map(([a, b, bare]) => `${quote(a, bare)},${quote(b, bare)}`);
        const text = ['x,y', ...lines].join(newline) + (last ? newline : '');
        const rows = await parse(text, 'csv', size);
        expect(rows.map(({ fields }) => [fields.x, fields.y])).toEqual(records.map(([a, b]) => [a, b]));
      },
    ),
  );
});

it.each(['\n', '\r\n'])('names the line a row starts on: %j', async (newline) => {
  const lines = ['', 'x,"y', 'z"', '1,"a', '', 'b"', '', '', '"2",c', ''];
  for (const size of [1, 7, 100]) {
    expect(await parse(lines.join(newline), 'csv', size)).toEqual([
      { place: 'f:4', fields: { x: '1', [`y${newline}z`]: `a${newline}${newline}b` } },
      { place: 'f:9', fields: { x: '2', [`y${newline}z`]: 'c' } },
    ]);
  }
});

it('has a row no later than the read after it, and reads no further than asked', async () => {
  const taken: string[] = [];
  async function* chunks() {
    for (const line of ['x,y\n', '1,"a"\n', '2,b\n', '3,c\n']) {
      taken.push(line);
      yield Buffer.from(line);
    }
  }
  for await (const [row] of delimitedRows(readLines(chunks(), 'f'), 'f', 'csv'))
    taken.push(`row ${(row as Row).fields.x}`);
  expect(taken).toEqual(['x,y\n', '1,"a"\n', '2,b\n', 'row 1', '3,c\n', 'row 2', 'row 3']);
});

it.each([
  ['\n1,a\n\n2,"b\n3,c\n', 'f:5: expected a closing quote, got the end of the file'],
  ['\n1,a\n\n"2\n" b,c\n', 'f:5: expected a comma after a closing quote, got other text'],
  ['\n1,a\n\n2 "b",c\n', 'f:5: expected quotes only around a whole field, got one inside'],
  ['\n1,a\n\n\xff,c\n', 'f:5: expected UTF-8 text, got other bytes'],
  ['\n1,a\n\n2,"\n\xff', 'f:6: expected UTF-8 text, got other bytes'],
])('yields the rows ahead of a fault: %j', async (text, message) => {
  for (const size of [1, 7, 100]) {
    const rows: Row[] = [];
    await expect(parse(Buffer.from(`\nx,y${text}`, 'latin1'), 'csv', size, rows)).rejects.toThrow(
      new DataError(message),
    );
    expect(rows).toEqual([{ place: 'f:3', fields: { x: '1', y: 'a' } }]);
  }
});

it('gives an error in place of a row of another length', async () => {
  expect(await parse('x,y\n1,a\n2\n3,c\n', 'csv')).toEqual([
    { place: 'f:2', fields: { x: '1', y: 'a' } },
    new DataError('f:3: expected 2 fields, got 1'),
    { place: 'f:4', fields: { x: '3', y: 'c' } },
  ]);
});

it('takes a row without end for one whose closing quote is missing', async () => {
  async function* endless() {
    yield Buffer.from('x\n"');
    for (;;) yield Buffer.from(`${'y'.repeat(2 ** 20)}\n`);
  }
  await expect(async () => {
    for await (const _ of delimitedRows(readLines(endless(), 'f'), 'f', 'csv'));
  }).rejects.toThrow('f:2: expected a row of at most 67108864 bytes, got more');
}, 60_000);

it('keeps quotes in TSV', async () => {
  const rows = await parse('x\ty\r\n"a\tb"c\r\n', 'tsv');
  expect(rows).toEqual([{ place: 'f:2', fields: { x: '"a', y: 'b"c' } }]);
});

it('takes columns of any name', async () => {
  const [row] = await parse('__proto__,toString\na,b\n', 'csv');
  expect(Object.entries(row.fields)).toEqual([
    ['__proto__', 'a'],
    ['toString', 'b'],
  ]);
});

it('takes 10,000 columns and no more', async () => {
  const columns = (count: number) => `${Array.from({ length: count }, (_, i) => `c${i}`).join(',')}\n`;
  expect(await parse(columns(10_000) + columns(10_000), 'csv', 1 << 16)).toHaveLength(1);
  await expect(parse(columns(10_001), 'csv', 1 << 16)).rejects.toThrow(
    new DataError('f:1: expected at most 10000 columns, got 10001'),
  );
});
