import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { readFloats } from '../../src/model/floats.ts';
import { type Dtype, HEADER_LIMITS, parseHeader, readHeader, sizeOf } from '../../src/model/safetensors.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { exponent, LINEAR } from '../fixtures/growth.ts';
import { concat, type FileTensor, json, safetensorsFile, tinyTensors, utf8 } from '../fixtures/tiny-model.ts';

const GOLDEN = new URL('../golden/model/', import.meta.url);

/** A file from a header given as text or as a value. */
function file(header: unknown, dataLength: number): Uint8Array {
  const bytes = typeof header === 'string' ? utf8(header) : json(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return concat([length, bytes, new Uint8Array(dataLength)]);
}

async function read(bytes: Uint8Array): Promise<FileTensor[]> {
  const checkpoint = await openCheckpoint(bytesSource('m', { 'model.safetensors': bytes }), 'model');
  const tensors: FileTensor[] = [];
  for await (const { name, dtype, shape, byteLength, read } of checkpoint) {
    const into = new Uint8Array(byteLength);
    await read(into);
    tensors.push({ name, dtype, shape, bytes: into });
  }
  return tensors;
}

const byName = (a: FileTensor, b: FileTensor): number => (a.name < b.name ? -1 : 1);

const anyName = fc
  .oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', '0', '1', '😀', 'a.b'),
    fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  )
  .filter((name) => !/[\p{Cc}"\\]/u.test(name) && name !== '__metadata__');

const anyTensor: fc.Arbitrary<FileTensor> = fc
  .record({
    name: anyName,
    dtype: fc.constantFrom<Dtype>('F32', 'F16', 'BF16', 'I8', 'U8', 'I64'),
    shape: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
    fill: fc.nat({ max: 255 }),
  })
  .map(({ fill, ...tensor }) => ({ ...tensor, bytes: new Uint8Array(sizeOf(tensor.dtype, tensor.shape)).fill(fill) }));

test('what is written is read back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(anyTensor, { selector: ({ name }) => name, maxLength: 12 }), async (tensors) => {
      const bytes = safetensorsFile(tensors);
      expect((await read(bytes)).sort(byName)).toEqual([...tensors].sort(byName));
    }),
  );
});

test('every tensor lies at a multiple of its element in the file', async () => {
  const bytes = safetensorsFile([
    { name: 'a', dtype: 'I8', shape: [3], bytes: new Uint8Array(3) },
    { name: 'b', dtype: 'I64', shape: [1], bytes: new Uint8Array(8) },
    { name: 'c', dtype: 'F16', shape: [1], bytes: new Uint8Array(2) },
    { name: 'd', dtype: 'F32', shape: [1], bytes: new Uint8Array(4) },
  ]);
  expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  expect((await read(bytes)).map(({ name }) => name)).toEqual(['b', 'd', 'c', 'a']);
});

test('reads what the safetensors library writes', async () => {
  const bytes = new Uint8Array(await readFile(new URL('dtypes.safetensors', GOLDEN)));
  const golden = JSON.parse(await readFile(new URL('dtypes.json', GOLDEN), 'utf8'));
  const checkpoint = await openCheckpoint(bytesSource('m', { 'model.safetensors': bytes }), 'model');
  const floats: Record<string, string> = {};
  const integers: Record<string, number[] | bigint[]> = {};
  for await (const tensor of checkpoint) {
    if (tensor.name in golden.floats) {
      floats[tensor.name] = Buffer.from((await readFloats(tensor)).buffer).toString('base64');
    } else {
      const raw = new Uint8Array(tensor.byteLength);
      await tensor.read(raw);
      const typed = { I8: Int8Array, U8: Uint8Array, I64: BigInt64Array }[tensor.dtype as 'I8' | 'U8' | 'I64'];
      integers[tensor.name] = Array.from(new typed(raw.buffer) as ArrayLike<number>);
    }
  }
  expect(Object.fromEntries(checkpoint.tensors.map(({ name, shape }) => [name, shape]))).toEqual(golden.shapes);
  expect(floats).toEqual(golden.floats);
  expect(integers).toEqual({ I8: [-128, 127, 0], U8: [255, 0], I64: [-(2n ** 63n), 2n ** 63n - 1n] });
});

const F32 = (begin: number, end: number) => ({ dtype: 'F32', shape: [(end - begin) / 4], data_offsets: [begin, end] });

test.each<[string, unknown, number, RegExp]>([
  ['an overlap', { a: F32(0, 8), b: F32(4, 12) }, 12, /: b: expected data from byte 8, got 4 \(an overlap\)/],
  ['two tensors of the same bytes', { a: F32(0, 8), b: F32(0, 8) }, 8, /expected data from byte 8, got 0 \(an overlap/],
  ['an empty tensor inside another', { a: F32(0, 8), b: F32(4, 4) }, 8, /: b: expected data from byte 8, got 4/],
  ['a hole', { a: F32(0, 8), b: F32(12, 16) }, 16, /: b: expected data from byte 8, got 12 \(a hole\)/],
  ['a hole at the start', { a: F32(4, 8) }, 8, /: a: expected data from byte 0, got 4 \(a hole\)/],
  ['bytes after the last tensor', { a: F32(0, 8) }, 9, /expected 8 bytes of tensors, got 9/],
  ['too few bytes', { a: F32(0, 8) }, 7, /expected 8 bytes of tensors, got 7/],
  ['begin after end', { a: { ...F32(0, 8), data_offsets: [8, 0] } }, 8, /expected data_offsets, got \[8,0\]/],
  ['three offsets', { a: { ...F32(0, 8), data_offsets: [0, 8, 8] } }, 8, /expected data_offsets, got \[0,8,8\]/],
  ['a fractional offset', { a: { ...F32(0, 8), data_offsets: [0.5, 8.5] } }, 8, /expected data_offsets/],
  ['a shape of another size', { a: { ...F32(0, 8), shape: [3] } }, 8, /: a: expected 12 bytes for F32 \[3\], got 8/],
  ['a negative size', { a: { ...F32(0, 8), shape: [-2, -1] } }, 8, /expected a shape of up to 8 sizes, got \[-2,-1\]/],
  ['sizes as strings', { a: { ...F32(0, 8), shape: ['2'] } }, 8, /expected a shape of up to 8 sizes, got \["2"\]/],
  ['9 axes', { a: { ...F32(0, 4), shape: Array(9).fill(1) } }, 4, /expected a shape of up to 8 sizes/],
  [
    'an overflowing shape',
    { a: { ...F32(0, 0), shape: [2 ** 40, 2 ** 40, 0] } },
    0,
    /a shape of fewer than 2\^53 bytes/,
  ],
  ['an unknown dtype', { a: { ...F32(0, 8), dtype: 'F64' } }, 8, /expected dtype I64, F32, .*, got "F64"/],
  [
    'a dtype of the prototype',
    { a: { ...F32(0, 8), dtype: 'constructor' } },
    8,
    /expected dtype .*, got "constructor"/,
  ],
  ['an entry of another kind', { a: [0, 8] }, 8, /: a: expected an object, got \[0,8\]/],
  ['an empty name', { '': F32(0, 8) }, 8, /expected a tensor name of 1 to 256 printable characters, got ""/],
  ['a control character in a name', '{"a\\u001b[2J":{}}', 0, /printable characters, got "a\\u001b\[2J"/],
  ['a lone surrogate in a name', '{"a\\ud800":{}}', 0, /printable characters, got "a\\ud800"/],
  ['a quote in a name', { 'a"': F32(0, 8) }, 8, /expected a tensor name of 1 to 256 printable characters, got "a\\""/],
  ['a backslash in a name', { 'a\\b': F32(0, 8) }, 8, /printable characters, got "a\\\\b"/],
  ['a long name', { ['a'.repeat(257)]: F32(0, 8) }, 8, /expected a tensor name of 1 to 256/],
  ['metadata of numbers', { __metadata__: { a: 1 } }, 0, /__metadata__: expected an object of strings, got \{"a":1\}/],
  ['metadata of another kind', { __metadata__: 'a' }, 0, /__metadata__: expected an object of strings, got "a"/],
  ['a tensor twice', '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}}', 0, /each key once, got "a" twice/],
  ['an array', '[1]', 0, /expected a header that starts with "\{", got another byte/],
  ['leading white space', ' {}', 0, /expected a header that starts with "\{"/],
  ['an empty header', '', 0, /expected a header that starts with "\{"/],
  ['text after the object', '{}x', 0, /expected JSON, got "\{\}x"/],
])('rejects %s', (_name, header, dataLength, message) => {
  const bytes = file(header, dataLength);
  const length = bytes.length - 8 - dataLength;
  const parse = () => parseHeader(bytes.subarray(8, 8 + length), dataLength, 'm.safetensors');
  expect(parse).toThrow(DataError);
  expect(parse).toThrow(message);
});

test('rejects a header longer than the limit or than the file before allocating it', async () => {
  for (const [length, message] of [
    [2n ** 64n - 1n, `expected a header of at most ${HEADER_LIMITS.bytes} bytes, got 18446744073709551615`],
    [20_000_000n, 'expected a header of 20000000 bytes, got 2'],
  ] as const) {
    const bytes = file('{}', 0);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    await expect(read(bytes)).rejects.toThrow(message);
  }
  await expect(read(new Uint8Array(7))).rejects.toThrow('expected a safetensors header, got 7 bytes');
});

test('a damaged file gives a DataError or a valid list of tensors, never anything else', async () => {
  const valid = safetensorsFile(tinyTensors('token').slice(0, 6));
  const headerEnd = 8 + Number(new DataView(valid.buffer).getBigUint64(0, true));
  const damage = fc.record({ at: fc.nat({ max: headerEnd - 1 }), byte: fc.nat({ max: 255 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), fc.nat({ max: 40 }), async (changes, cut) => {
      const bytes = valid.slice(0, valid.length - cut);
      for (const { at, byte } of changes) bytes[at] = byte;
      const reader = await bytesSource('m', { f: bytes }).open('f');
      try {
        const tensors = await readHeader(reader as NonNullable<typeof reader>, 'f');
        const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
        expect(total).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        expect((error as Error).message).not.toContain('\n');
      }
    }),
    { numRuns: 2000 },
  );
});

test('a header is read in linear time', async () => {
  const make = (length: number) => {
    const count = length / 64; // an entry takes about 64 bytes
    const header = json(
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`tensor.${i}`, F32(4 * i, 4 * i + 4)])),
    );
    return { header, count };
  };
  type Made = ReturnType<typeof make>;
  const run = ({ header, count }: Made) => expect(parseHeader(header, 4 * count, 'f')).toHaveLength(count);
  expect(await exponent(run, make)).toBeLessThan(LINEAR);
});
