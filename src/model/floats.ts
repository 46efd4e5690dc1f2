import { DataError } from '../errors.ts';
import type { Tensor } from './checkpoint.ts';

/** Whether a tensor's elements are floating-point numbers. */
export function isFloat(dtype: Tensor['dtype']): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
}

/**
 * A whole F32, F16 or BF16 tensor as f32 (exact).
 *
 * @param into where to, as long as the tensor: into WASM memory no copy passes
 * @throws DataError naming the file, the tensor and the index of a value that is not finite
 */
export async function readFloats(tensor: Tensor, into?: Float32Array): Promise<Float32Array> {
  const values = into ?? new Float32Array(product(tensor.shape));
  await fillFloats(tensor, values, 0);
  return values;
}

/**
 * The same in pieces of up to `rowsPerPiece` rows (of the first axis), so that a large embedding is never held whole.
 * Each piece is `{ row, values }`: the index of its first row and its values.
 */
export async function* floatPieces(
  tensor: Tensor,
  rowsPerPiece: number,
): AsyncGenerator<{ row: number; values: Float32Array }> {
  const [rows, ...rest] = tensor.shape;
  const width = product(rest);
  for (let row = 0; row < rows; row += rowsPerPiece) {
    const values = new Float32Array(Math.min(rowsPerPiece, rows - row) * width);
    await fillFloats(tensor, values, row * width);
    yield { row, values };
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/**
 * Elements read, widened and checked at a time: their bytes stay in the cache, and V8 optimises a loop that is entered
 * often far better than one entered once (a checkpoint of 23 M f16 values: 100 ms in blocks, 205 ms tensor by tensor).
 */
const BLOCK = 1 << 16;

/** The next elements, as many as `values` takes; `first` is the index of the first of them, for messages. */
async function fillFloats(tensor: Tensor, values: Float32Array, first: number): Promise<void> {
  const { name, dtype, file } = tensor;
  if (!isFloat(dtype)) throw new DataError(`${name}: expected F32, F16 or BF16, got ${dtype}`);
  const count = values.length;
  const halves = new Uint16Array(dtype === 'F32' ? 0 : Math.min(count, BLOCK));
  for (let at = 0; at < count; at += BLOCK) {
    const bits = new Uint32Array(values.buffer, values.byteOffset + at * 4, Math.min(BLOCK, count - at));
    if (dtype === 'F32') {
      await tensor.read(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength));
    } else {
      await tensor.read(new Uint8Array(halves.buffer, 0, bits.length * 2));
      if (dtype === 'F16') widenF16(bits, halves);
      else widenBF16(bits, halves);
    }
    const wrong = firstNonFinite(values.subarray(at, at + bits.length));
    if (wrong >= 0) {
      throw new DataError(
        `${file}: ${name}: expected finite values, got ${values[at + wrong]} at index ${first + at + wrong}`,
      );
    }
  }
}

const EXPONENT = 0x7f800000;

/**
 * Index of the first infinity or NaN, or -1. By native searches, since a loop of ours would run before it is compiled: the
 * 590,000 values of a head take a new process 2.6 ms so, 6 ms by a loop over their bits, 20 ms by `findIndex`.
 */
export function firstNonFinite(values: Float32Array): number {
  const isWrong = values.includes(Number.NaN) || values.includes(Infinity) || values.includes(-Infinity);
  return isWrong ? values.findIndex((value) => !Number.isFinite(value)) : -1;
}

function widenBF16(bits: Uint32Array, halves: Uint16Array): void {
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i] << 16;
}

let f16Table: Uint32Array | undefined;

function widenF16(bits: Uint32Array, halves: Uint16Array): void {
  f16Table ??= Uint32Array.from({ length: 1 << 16 }, (_, half) => f16Bits(half));
  const table = f16Table;
  for (let i = 0; i < bits.length; i++) bits[i] = table[halves[i]];
}

/** The f32 bits of an f16 (IEEE 754 binary16), exact. */
function f16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | EXPONENT | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: fraction * 2^-24, normalised by its leading bit.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
