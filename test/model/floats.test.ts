import { expect, test } from 'vitest';
import type { Tensor } from '../../src/model/checkpoint.ts';
import { floatPieces, readFloats } from '../../src/model/floats.ts';

function tensor(dtype: Tensor['dtype'], shape: number[], bytes: Uint8Array): Tensor {
  let at = 0;
  return {
    name: 't',
    dtype,
    shape,
    file: 'f',
    byteLength: bytes.length,
    async read(into) {
      into.set(bytes.subarray(at, at + into.length));
      at += into.length;
    },
  };
}

/** IEEE 754 binary16, from its definition. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

// Comparing bits tells -0 from 0, which toEqual on floats takes 100 times as long for.
test('every finite f16 is exact', async () => {
  const all = Uint16Array.from({ length: 1 << 16 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00);
  const values = await readFloats(tensor('F16', [all.length], new Uint8Array(all.buffer)));
  expect(new Uint32Array(values.buffer)).toEqual(new Uint32Array(Float32Array.from(all, half).buffer));
});

test('every finite bf16 is exact', async () => {
  const all = Uint16Array.from({ length: 1 << 16 }, (_, i) => i).filter((bits) => (bits & 0x7f80) !== 0x7f80);
  const values = await readFloats(tensor('BF16', [all.length], new Uint8Array(all.buffer)));
  expect(new Uint32Array(values.buffer)).toEqual(Uint32Array.from(all, (bits) => bits << 16));
});

test.each([
  ['F32', new Float32Array([1, 2, Number.NaN, Number.POSITIVE_INFINITY]), 'NaN', 2],
  ['F32', new Float32Array([1, Number.NEGATIVE_INFINITY, 3, 4]), '-Infinity', 1],
  ['F16', new Uint16Array([0, 0, 0, 0x7c00]), 'Infinity', 3],
  ['BF16', new Uint16Array([0x7fc0, 0, 0, 0]), 'NaN', 0],
] as const)('a value of %s that is not finite is named', async (dtype, values, got, index) => {
  const message = `f: t: expected finite values, got ${got} at index ${index}`;
  const bytes = new Uint8Array(values.buffer);
  await expect(readFloats(tensor(dtype, [2, 2], bytes))).rejects.toThrow(message);
  const inPieces = async () => {
    for await (const _ of floatPieces(tensor(dtype, [2, 2], bytes), 1));
  };
  await expect(inPieces()).rejects.toThrow(message);
});

test('integers are no floats', async () => {
  await expect(readFloats(tensor('I8', [1], new Uint8Array(1)))).rejects.toThrow(
    't: expected F32, F16 or BF16, got I8',
  );
});

test('pieces of rows join to the whole, past the block size too', async () => {
  const shape = [70, 3, 400];
  const values = Float32Array.from({ length: 84_000 }, (_, i) => i - 5000);
  const bytes = new Uint8Array(values.buffer);
  expect(await readFloats(tensor('F32', shape, bytes))).toEqual(values);
  const rows: number[] = [];
  const joined: number[] = [];
  for await (const piece of floatPieces(tensor('F32', shape, bytes), 32)) {
    rows.push(piece.row);
    for (const value of piece.values) joined.push(value);
  }
  expect(rows).toEqual([0, 32, 64]);
  expect(Float32Array.from(joined)).toEqual(values);
});
