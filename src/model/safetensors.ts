import { DataError } from '../errors.ts';
import { isObject, parseJson, show } from './json.ts';
import { type ByteReader, readFully } from './source.ts';

/*
 * The safetensors format (https://github.com/huggingface/safetensors#format):
 *
 *   u64 LE   N, length of the header
 *   N bytes  JSON: name -> { dtype, shape, data_offsets: [begin, end] }, and `__metadata__`: string -> string
 *   bytes    the tensors, little-endian, row-major, end to end with no hole and no overlap
 */

/** Bytes per element of the element types read here. */
const ELEMENT_BYTES = { I64: 8, F32: 4, F16: 2, BF16: 2, I8: 1, U8: 1 } as const;

export type Dtype = keyof typeof ELEMENT_BYTES;

/** Our limits, below the format's own (a header of 100 MB): 100,000 tensors fit well. */
export const HEADER_LIMITS = { bytes: 25_000_000, tensors: 100_000, nameLength: 256, rank: 8 } as const;

/** A tensor as a header describes it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Plain name of the file it lies in. */
  readonly file: string;
  readonly byteLength: number;
}

/** Reads the header and leaves the reader at the first tensor. The tensors come in the order of their data. */
export async function readHeader(reader: ByteReader, file: string): Promise<TensorInfo[]> {
  const { size } = reader;
  if (size !== undefined && size < 8) throw new DataError(`${file}: expected a safetensors header, got ${size} bytes`);
  const prefix = new Uint8Array(8);
  await readFully(reader, prefix);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > HEADER_LIMITS.bytes) {
    throw new DataError(`${file}: expected a header of at most ${HEADER_LIMITS.bytes} bytes, got ${length}`);
  }
  const header = new Uint8Array(Number(length));
  if (size !== undefined && 8 + header.length > size) {
    throw new DataError(`${file}: expected a header of ${length} bytes, got ${size - 8}`);
  }
  await readFully(reader, header);
  return parseHeader(header, size === undefined ? undefined : size - 8 - header.length, file);
}

/**
 * The tensors of a header in the order of their data, every rule of the format checked.
 *
 * @param dataLength bytes that follow the header, where that is known
 * @throws DataError naming the file and the tensor at fault
 */
export function parseHeader(header: Uint8Array, dataLength: number | undefined, file: string): TensorInfo[] {
  if (header[0] !== 0x7b) throw new DataError(`${file}: expected a header that starts with "{", got another byte`);
  const json = parseJson(header, file) as Record<string, unknown>;
  const placed: { info: TensorInfo; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(json)) {
    if (name === '__metadata__') checkMetadata(entry, file);
    else placed.push(parseEntry(name, entry, file));
  }
  if (placed.length > HEADER_LIMITS.tensors) {
    throw new DataError(`${file}: expected at most ${HEADER_LIMITS.tensors} tensors, got ${placed.length}`);
  }
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { info, begin, end } of placed) {
    if (begin !== at) {
      const fault = begin < at ? 'an overlap' : 'a hole';
      throw new DataError(`${file}: ${info.name}: expected data from byte ${at}, got ${begin} (${fault})`);
    }
    at = end;
  }
  if (dataLength !== undefined && at !== dataLength)
    throw new DataError(`${file}: expected ${at} bytes of tensors, got ${dataLength}`);
  return placed.map(({ info }) => info);
}

/** The metadata of a header that {@link parseHeader} has checked. */
export function headerMetadata(header: Uint8Array, file: string): Record<string, string> {
  const { __metadata__: metadata = {} } = parseJson(header, file) as Record<string, unknown>;
  return metadata as Record<string, string>;
}

function checkMetadata(value: unknown, file: string): void {
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw new DataError(`${file}: __metadata__: expected an object of strings, got ${show(value)}`);
  }
}

/**
 * Printable, and nothing that JSON escapes: no real name has a quote or a backslash, and V8 13 and 14 can read an escaped
 * key as another file's (`"\\""` as `"\\\\"`, https://github.com/nodejs/node/issues/63785).
 */
function isTensorName(name: string): boolean {
  return name.length > 0 && name.length <= HEADER_LIMITS.nameLength && !/[\p{Cc}\p{Cs}"\\]/u.test(name);
}

function parseEntry(name: string, entry: unknown, file: string): { info: TensorInfo; begin: number; end: number } {
  if (!isTensorName(name)) {
    throw new DataError(`${file}: expected a tensor name of 1 to 256 printable characters, got ${show(name)}`);
  }
  const fail = (expected: string, got: unknown): never => {
    throw new DataError(`${file}: ${name}: expected ${expected}, got ${show(got)}`);
  };
  if (!isObject(entry)) return fail('an object', entry);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    return fail(`dtype ${Object.keys(ELEMENT_BYTES).join(', ')}`, dtype);
  }
  if (!isSizes(shape) || shape.length > HEADER_LIMITS.rank) return fail('a shape of up to 8 sizes', shape);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) return fail('data_offsets', offsets);
  const byteLength = sizeOf(dtype as Dtype, shape);
  if (!Number.isSafeInteger(byteLength)) fail('a shape of fewer than 2^53 bytes', shape);
  const [begin, end] = offsets;
  if (end - begin !== byteLength) fail(`${byteLength} bytes for ${dtype} ${show(shape)}`, end - begin);
  return { info: { name, dtype: dtype as Dtype, shape, file, byteLength }, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Bytes of a tensor; not a safe integer where any partial product overflows, even if a size of 0 follows. */
export function sizeOf(dtype: Dtype, shape: readonly number[]): number {
  let size: number = ELEMENT_BYTES[dtype];
  for (const n of shape) {
    size *= n;
    if (!Number.isSafeInteger(size)) return Number.NaN;
  }
  return size;
}

/**
 * The bytes before the data of a file that holds these tensors in this order: length and header, padded with spaces
 * to a multiple of 8 so that data aligned in the order of {@link fileOrder} is aligned in the file.
 *
 * @param added metadata beside `format`, which Hugging Face's readers look for
 */
export function serializeHeader(
  tensors: readonly Pick<TensorInfo, 'name' | 'dtype' | 'shape'>[],
  added: Record<string, string> = {},
): Uint8Array {
  let at = 0;
  const entries = tensors.map(({ name, dtype, shape }) => {
    const begin = at;
    at += sizeOf(dtype, shape);
    return [name, { dtype, shape, data_offsets: [begin, at] }] as const;
  });
  const metadata = ['__metadata__', { format: 'pt', ...added }] as const;
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([metadata, ...entries])));
  const bytes = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(json, 8);
  return bytes;
}

/** Wide elements first, then in the given order: every tensor is then aligned to its element, as HF's writer does. */
export function fileOrder<T extends { dtype: Dtype }>(tensors: readonly T[]): T[] {
  return [...tensors].sort((a, b) => ELEMENT_BYTES[b.dtype] - ELEMENT_BYTES[a.dtype]);
}
