import { maxLanes, sumLanes } from './lanes';
import { pairsTwice, sumLanesI32 } from './pairs';
import { GROUP, panelRows, STEP_BYTES, storeRowGroups } from './panels';
import { ROUND_BITS } from './round';

/**
 * The least power of 2, which added to any carry leaves it; 1.5 * 2^23, which rounds and leaves n in the low bits; 255 * 2^f from
 * the highest power down, within 1e-4 of it from -1/2 to 1/2; 255. In memory: gelu.ts says why.
 */
const CONSTANTS = memory.data<f32>([-100, 12582912, 14.0272382, 61.7637615, 176.787147, 255]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(CONSTANTS + (index << 2));
}

/**
 * Softmax of rows of scores, quantised as rows of linearQ8: u8 shares of 255 * 2^(x - largest), zero point 0, and a scale of
 * 1 / (sum of the shares), so that a row adds up to 1.
 *
 * What rounding leaves of a share is carried to the share eight further: the many small ones of a long row would else all become
 * 0, and their weight be lost. Cosine of [CLS] to fp32 on 15 reviews of up to 512 tokens: 0.99995, and 0.99975 without
 * (docs/numerics.md).
 *
 *   x        f32 [M, N], row stride 4 N: scores times log2 e
 *   packed   as quantizeRows leaves [M, N]
 *   scale    f32 [M]; NaN where a score is NaN or Infinity
 *   rowTerm  i32 [M], as quantizeRows leaves it
 *
 * N is a multiple of 8.
 */
export function softmaxQ8(x: usize, M: i32, N: i32, packed: usize, scale: usize, rowTerm: usize): void {
  const rowBytes = <usize>N << 2;
  for (let m = 0; m < M; ) {
    const rows = panelRows(M - m);
    const stride = <usize>rows * STEP_BYTES;
    for (let r: usize = 0; r < <usize>rows; r++) {
      softmaxRow(x, rowBytes, packed + r * STEP_BYTES, stride, scale, rowTerm);
      x += rowBytes;
      scale += 4;
      rowTerm += 4;
    }
    packed += stride * <usize>(N / GROUP);
    m += rows;
  }
}

// @ts-ignore: decorator
@inline
function softmaxRow(row: usize, bytes: usize, out: usize, stride: usize, scale: usize, rowTerm: usize): void {
  const end = row + bytes;
  let high0 = v128.load(row), high1 = v128.load(row, 16);
  for (let p = row + 32; p < end; p += 32) {
    high0 = f32x4.pmax(high0, v128.load(p));
    high1 = f32x4.pmax(high1, v128.load(p, 16));
  }
  const highest = maxLanes(f32x4.pmax(high0, high1));
  const top = f32x4.splat(highest);
  const round = constant(1), most = constant(5), bits = i32x4.splat(ROUND_BITS);
  let carry0 = f32x4.splat(0), carry1 = carry0;
  let sums = i32x4.splat(0), pairs = sums;
  for (let p = row; p < end; p += 32) {
    const x0 = f32x4.pmin(f32x4.add(power(f32x4.sub(v128.load(p), top)), carry0), most);
    const x1 = f32x4.pmin(f32x4.add(power(f32x4.sub(v128.load(p, 16), top)), carry1), most);
    const shifted0 = f32x4.add(x0, round), shifted1 = f32x4.add(x1, round);
    carry0 = f32x4.sub(x0, f32x4.sub(shifted0, round));
    carry1 = f32x4.sub(x1, f32x4.sub(shifted1, round));
    const a = i32x4.sub(shifted0, bits), b = i32x4.sub(shifted1, bits);
    sums = i32x4.add(sums, i32x4.add(a, b));
    const q = i16x8.narrow_i32x4_s(a, b);
    if (!ASC_FEATURE_RELAXED_SIMD) pairs = i32x4.add(pairs, pairsTwice(q));
    storeRowGroups(out, stride, q);
    out += stride << 1;
  }
  // An overflow must not be quantised into an answer; it stays in the carry.
  store<f32>(scale, <f32>1 / <f32>sumLanesI32(sums) + sumLanes(f32x4.add(carry0, carry1)) * 0);
  store<i32>(rowTerm, ASC_FEATURE_RELAXED_SIMD ? 0 : sumLanesI32(pairs) >> 1);
}

/** 255 * 2^x, for x <= 0. */
// @ts-ignore: decorator
@inline
function power(x: v128): v128 {
  x = f32x4.pmax(x, constant(0));
  const round = constant(1);
  const shifted = f32x4.add(x, round);
  const f = f32x4.sub(x, f32x4.sub(shifted, round));
  let p = f32x4.add(f32x4.mul(constant(2), f), constant(3));
  p = f32x4.add(f32x4.mul(p, f), constant(4));
  p = f32x4.add(f32x4.mul(p, f), constant(5));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}
