import { nearestI32x4 } from './round';

/**
 * Quantises the values of one head and lays them out as packWeight does a weight: softmax V is then a linear layer of S
 * columns. Each column is s8 about the middle of its range, which stands as the layer's bias, since the shares of a query add up to 1.
 *
 *   source  f32 [T, S], row stride `rowBytes`
 *   target  i8, S x T', as packWeight leaves [N, K]; T' is T rounded up to 8; values past T are zero
 *   scale   f32 [S]; NaN where a value of the column is not finite
 *   middle  f32 [S]
 *   term    i32 [S], as packWeight's columnTerm
 *
 * S is a multiple of 8.
 */
export function packValues(
  source: usize, rowBytes: usize, T: i32, S: i32, target: usize, scale: usize, middle: usize, term: usize,
): void {
  for (let s = 0; s < S; s += 8) {
    packColumns(source, rowBytes, T, target, scale, middle, term);
    target += <usize>((T + 7) & ~7) << 3;
    source += 32;
    scale += 32;
    middle += 32;
    term += 32;
  }
}

/** Eight columns, a panel. */
// @ts-ignore: decorator
@inline
function packColumns(source: usize, rowBytes: usize, T: i32, out: usize, scale: usize, middle: usize, term: usize): void {
  const end = source + <usize>T * rowBytes;
  let low0 = v128.load(source), low1 = v128.load(source, 16), high0 = low0, high1 = low1;
  let zeros0 = f32x4.splat(0), zeros1 = zeros0;
  for (let row = source; row < end; row += rowBytes) {
    const a = v128.load(row), b = v128.load(row, 16);
    zeros0 = f32x4.add(zeros0, f32x4.mul(a, f32x4.splat(0)));
    zeros1 = f32x4.add(zeros1, f32x4.mul(b, f32x4.splat(0)));
    low0 = f32x4.pmin(low0, a);
    low1 = f32x4.pmin(low1, b);
    high0 = f32x4.pmax(high0, a);
    high1 = f32x4.pmax(high1, b);
  }
  const half = f32x4.splat(0.5);
  const middle0 = f32x4.mul(f32x4.add(low0, high0), half), middle1 = f32x4.mul(f32x4.add(low1, high1), half);
  const most0 = reach(low0, high0), most1 = reach(low1, high1);
  const steps = f32x4.splat(127);
  v128.store(middle, middle0);
  v128.store(middle, middle1, 16);
  v128.store(scale, f32x4.add(f32x4.div(most0, steps), zeros0));
  v128.store(scale, f32x4.add(f32x4.div(most1, steps), zeros1), 16);
  const inverse0 = f32x4.div(steps, most0), inverse1 = f32x4.div(steps, most1);

  let terms0 = i32x4.splat(0), terms1 = terms0;
  for (let t = 0; t < <i32>((T + 7) & ~7); t += 4) {
    const q0 = t < T ? quantized(source, middle0, middle1, inverse0, inverse1) : i16x8.splat(0);
    const q1 = t + 1 < T ? quantized(source + rowBytes, middle0, middle1, inverse0, inverse1) : i16x8.splat(0);
    const q2 = t + 2 < T ? quantized(source + rowBytes * 2, middle0, middle1, inverse0, inverse1) : i16x8.splat(0);
    const q3 = t + 3 < T ? quantized(source + rowBytes * 3, middle0, middle1, inverse0, inverse1) : i16x8.splat(0);
    source += rowBytes << 2;
    const first = i8x16.narrow_i16x8_s(q0, q1), last = i8x16.narrow_i16x8_s(q2, q3);
    if (ASC_FEATURE_RELAXED_SIMD) {
      v128.store(out, i8x16.shuffle(first, last, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27));
      v128.store(out, i8x16.shuffle(first, last, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31), 16);
    } else {
      v128.store(out, i8x16.shuffle(first, last, 8, 24, 9, 25, 10, 26, 11, 27, 0, 16, 1, 17, 2, 18, 3, 19));
      v128.store(out, i8x16.shuffle(first, last, 12, 28, 13, 29, 14, 30, 15, 31, 4, 20, 5, 21, 6, 22, 7, 23), 16);
    }
    // Four values of at most 127, and two products of them, add up within 16 bits.
    const four = ASC_FEATURE_RELAXED_SIMD
      ? i16x8.add(i16x8.add(q0, q1), i16x8.add(q2, q3))
      : i16x8.add(i16x8.mul(q0, q1), i16x8.mul(q2, q3));
    terms0 = i32x4.add(terms0, i32x4.extend_low_i16x8_s(four));
    terms1 = i32x4.add(terms1, i32x4.extend_high_i16x8_s(four));
    out += 32;
  }
  v128.store(term, terms0);
  v128.store(term, terms1, 16);
}

/** Half of what a column spans. */
// @ts-ignore: decorator
@inline
function reach(low: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.splat(1e-12), f32x4.mul(f32x4.sub(high, low), f32x4.splat(0.5)));
}

/** Eight columns of one row. */
// @ts-ignore: decorator
@inline
function quantized(row: usize, middle0: v128, middle1: v128, inverse0: v128, inverse1: v128): v128 {
  const a = f32x4.mul(f32x4.sub(v128.load(row), middle0), inverse0);
  const b = f32x4.mul(f32x4.sub(v128.load(row, 16), middle1), inverse1);
  return i16x8.narrow_i32x4_s(nearestI32x4(a), nearestI32x4(b));
}
