import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { parquetRows } from '../../src/cli/parquet.ts';
import { DataError } from '../../src/errors.ts';
import { errorOf } from '../model/helpers.ts';
import { workspace } from './bertwasm.ts';

const { path } = workspace();
const GOLDEN = fileURLToPath(new URL('../golden/data/', import.meta.url));

async function read(file: string) {
  const rows: Record<string, unknown>[] = [];
  const places: string[] = [];
  let labels: Readonly<Record<string, readonly string[]>> = {};
  const pieces = parquetRows(file, (names) => {
    labels = names;
  });
  for await (const piece of pieces) {
    rows.push(...piece.map(({ fields }) => fields));
    places.push(...piece.map(({ place }) => place));
  }
  return { rows, places, labels };
}

const { rows: golden } = JSON.parse(await readFile(`${GOLDEN}rows.json`, 'utf8'));

it('reads what datasets writes: class labels by name, in their order, over row groups', async () => {
  const file = `${GOLDEN}sentiment.parquet`;
  const { rows, places, labels } = await read(file);
  expect(labels).toEqual({ label: ['bad', 'good'] });
  const named = golden.sentiment.map((row: { label: number }) => ({ ...row, label: labels.label[row.label] }));
  expect(rows.map((row) => ({ ...row, id: String(row.id) }))).toEqual(named);
  expect(places).toEqual([1, 2, 3, 4, 5, 6].map((row) => `${file}: row ${row}`));
});

it.each(['tokens', 'tokens-old', 'multi'])('reads lists of class labels: %s', async (name) => {
  const { rows, labels } = await read(`${GOLDEN}${name}.parquet`);
  const column = name === 'multi' ? 'labels' : 'ner_tags';
  expect(Object.keys(labels)).toEqual([column]);
  expect(rows).toEqual(
    golden[name].map((row: Record<string, number[]>) => ({
      ...row,
      [column]: row[column].map((id) => labels[column][id]),
    })),
  );
});

it('takes no property of all objects for the names of a column', async () => {
  const bytes = await readFile(`${GOLDEN}tokens.parquet`);
  // In the schema alone, where no quote is ahead: the metadata of datasets keeps its name.
  for (let at = bytes.indexOf('ner_tags'); at >= 0; at = bytes.indexOf('ner_tags', at + 1)) {
    if (bytes[at - 1] !== 0x22) bytes.write('toString', at);
  }
  await writeFile(path('columns.parquet'), bytes);
  const { rows } = await read(path('columns.parquet'));
  expect(rows.map((row) => row.toString)).toEqual(golden.tokens.map((row: { ner_tags: number[] }) => row.ner_tags));
});

it('reads what pyarrow writes with the codecs that Node has, and names the others', async () => {
  for (const codec of ['none', 'gzip', 'brotli', ...(zstdDecompressSync === undefined ? [] : ['zstd'])]) {
    expect((await read(`${GOLDEN}${codec}.parquet`)).rows, codec).toEqual(golden.none);
  }
  const file = `${GOLDEN}lz4.parquet`;
  const error = await errorOf(() => read(file));
  expect(error.message).toMatch(/lz4\.parquet: expected a parquet file, got compression LZ4_RAW \(known: .*gzip.*\)$/);
});

it('tells a file at fault on one line', async () => {
  const whole = await readFile(`${GOLDEN}sentiment.parquet`);
  for (const [name, bytes] of [
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('text,label\na,b\n')],
    ['cut', whole.subarray(0, whole.length - 9)],
    ['start', whole.subarray(0, 100)],
    ['footer', whole.with(whole.length - 6, 0xff)],
  ] as const) {
    await writeFile(path('bad.parquet'), bytes);
    const error = await errorOf(() => read(path('bad.parquet')));
    expect(error, name).toBeInstanceOf(DataError);
    expect(error.message, name).toMatch(/bad\.parquet: expected a parquet file, got [^\n]+$/);
  }
});

it('survives damage anywhere: rows or a DataError', async () => {
  const whole = await readFile(`${GOLDEN}tokens.parquet`);
  for (let at = 4; at < whole.length; at += 97) {
    await writeFile(path('damaged.parquet'), whole.with(at, whole[at] ^ 0xff));
    await read(path('damaged.parquet')).catch((error) => expect(error, `byte ${at}`).toBeInstanceOf(DataError));
  }
}, 120_000);

it('outlives a run of 2^30 values in a page of 64', async () => {
  const bytes = await readFile(`${GOLDEN}nulls.parquet`);
  const flags = bytes.indexOf(Buffer.alloc(8, 0xaa)); // every other value is there
  bytes.set([0xfe, 0xff, 0xff, 0xff, 0x07, 1], flags - 1); // parquet's hybrid encoding: a run of (2^31 - 2) / 2 ones
  await writeFile(path('hostile.parquet'), bytes);
  const error = await errorOf(() => read(path('hostile.parquet')));
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toMatch(
    /expected a parquet file, got (Invalid array length|a row group that 2048 MB do not hold)$/,
  );
}, 120_000);
