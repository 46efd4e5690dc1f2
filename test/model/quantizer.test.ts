import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { largestColumns, quantizeLinear, quantizeRows } from '../../src/model/quantizer.ts';

interface Case {
  shape: [number, number];
  columns: number[];
  values: string;
  weight: string;
  scale: string;
  outliers: string;
}

const golden = JSON.parse(await readFile(new URL('../golden/model/quantized.json', import.meta.url), 'utf8'));

const base64 = (array: ArrayBufferView): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

test.each(Object.entries<Case>(golden.cases))('equals numpy: %s', (_name, { shape: [n, k], columns, ...expected }) => {
  const values = new Float32Array(Uint8Array.from(Buffer.from(expected.values, 'base64')).buffer);
  const before = values.slice();
  const { weight, scale, outliers } = quantizeLinear(values, n, k, columns);
  expect({ weight: base64(weight), scale: base64(scale), outliers: base64(outliers) }).toEqual({
    weight: expected.weight,
    scale: expected.scale,
    outliers: expected.outliers,
  });
  expect(values).toEqual(before);
});

test('ties round to even', () => {
  const { weight, scale } = quantizeRows(Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5), 1, 8);
  expect(scale[0]).toBe(1);
  expect(Array.from(weight)).toEqual([127, 0, 2, 2, 0, -2, -2, 126]);
});

test('rows of zeros and rows below the smallest normal scale are 0 with scale 1', () => {
  const { weight, scale } = quantizeRows(Float32Array.of(0, -0, 1e-42, 1e-39), 2, 2);
  expect(Array.from(scale)).toEqual([1, 1]);
  expect(Array.from(weight)).toEqual([0, 0, 0, 0]);
});

test('the largest columns come ascending, of equal ones the first', () => {
  expect(largestColumns(Float32Array.of(1, 9, 3, 9, 9, 0), 2)).toEqual([1, 3]);
  expect(largestColumns(Float32Array.of(1, 2), 0)).toEqual([]);
});
