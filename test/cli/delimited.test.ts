import fc from 'fast-check';
import { expect, it } from 'vitest';
import { delimitedRows } from '../../src/cli/delimited.ts';
import { readLines } from '../../src/cli/lines.ts';
import type { Row } from '../../src/cli/rows.ts';
import { pieces } from './pieces.ts';

async function parse(text: string, format: 'csv' | 'tsv', size = 7): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const piece of delimitedRows(readLines(pieces(text, size), 'f'), format)) rows.push(...piece);
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

it('names the line a row starts on', async () => {
  const rows = await parse('x,y\n1,"a\nb"\n\n2,c\n', 'csv');
  expect(rows).toEqual([
    { place: 'f:2', fields: { x: '1', y: 'a\nb' } },
    { place: 'f:5', fields: { x: '2', y: 'c' } },
  ]);
});

it('has a row as soon as its line is there', async () => {
  const taken: string[] = [];
  async function* chunks() {
    for (const line of ['x,y\n', '1,"a"\n', '2,b\n']) {
      taken.push(line);
      yield Buffer.from(line);
    }
  }
  for await (const [row] of delimitedRows(readLines(chunks(), 'f'), 'csv')) taken.push(`row ${row.fields.x}`);
  expect(taken).toEqual(['x,y\n', '1,"a"\n', 'row 1', '2,b\n', 'row 2']);
});

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
