import { maxLanes, sumLanes } from './lanes';
import { pairsTwice, sumLanesI32 } from './pairs';
import { nearestI32x4 } from './round';

/**
 * Quantises the keys of one head and lays them out as packWeight does a weight: queries K^T is then a linear layer of T
 * columns. Each key is s8, symmetric by its own range. Taking the mean key off first, which softmax does not see (Zhang et al.
 * 2024, SageAttention), gains nothing: mean cosine of [CLS] 0.99974, without it 0.99977 (`npm run drift`).
 *
 *   source  f32 [T, S], row stride `rowBytes`
 *   target  i8, T' x S, as packWeight leaves [N, K]; T' is T rounded up to 8; keys past T are zero
 *   scale   f32 [T'], each times `factor`, 0 past T; the first is NaN where any key is not finite
 *   term    i32 [T'], as packWeight's columnTerm
 *
 * S is a multiple of 8.
 */
export function packKeys(
  source: usize, rowBytes: usize, T: i32, S: i32, factor: f32, target: usize, scale: usize, term: usize,
): void {
  const bytes = <usize>S << 2;
  const first = scale;
  let zeros: f32 = 0;
  for (let t = 0; t < T; t++) {
    zeros += packKey(source, bytes, factor, target + <usize>(t & ~7) * <usize>S + columnOffset(t), scale, term);
    source += rowBytes;
    scale += 4;
    term += 4;
  }
  store<f32>(first, load<f32>(first) + zeros);
  for (let t = T; t & 7; t++) {
    const out = target + <usize>(t & ~7) * <usize>S + columnOffset(t);
    for (let d: usize = 0; d < bytes; d += 32) storeGroups(out + d * 2, i16x8.splat(0));
    store<f32>(scale, 0);
    store<i32>(term, 0);
    scale += 4;
    term += 4;
  }
}

/** Where a column's first group stands in its panel of eight. */
// @ts-ignore: decorator
@inline
function columnOffset(column: i32): usize {
  const c = <usize>(column & 7);
  return ASC_FEATURE_RELAXED_SIMD ? c << 2 : ((c & 4) << 2) + ((c & 3) << 1);
}

/** Eight values of a column: two groups, 32 bytes apart. */
// @ts-ignore: decorator
@inline
function storeGroups(out: usize, q: v128): void {
  const bytes = i8x16.narrow_i16x8_s(q, q);
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store_lane<u32>(out, bytes, 0);
    v128.store_lane<u32>(out, bytes, 1, 32);
  } else {
    const ordered = i8x16.shuffle(bytes, bytes, 1, 3, 0, 2, 5, 7, 4, 6, 0, 0, 0, 0, 0, 0, 0, 0);
    v128.store_lane<u16>(out, ordered, 0);
    v128.store_lane<u16>(out, ordered, 1, 8);
    v128.store_lane<u16>(out, ordered, 2, 32);
    v128.store_lane<u16>(out, ordered, 3, 40);
  }
}

/** Returns 0, or NaN where the key is not finite. */
// @ts-ignore: decorator
@inline
function packKey(key: usize, bytes: usize, factor: f32, out: usize, scale: usize, term: usize): f32 {
  let top0 = f32x4.splat(0), top1 = top0, zeros = top0;
  for (let d: usize = 0; d < bytes; d += 32) {
    const a = v128.load(key + d), b = v128.load(key + d, 16);
    zeros = f32x4.add(zeros, f32x4.mul(f32x4.add(a, b), f32x4.splat(0)));
    top0 = f32x4.pmax(top0, f32x4.abs(a));
    top1 = f32x4.pmax(top1, f32x4.abs(b));
  }
  const top = max<f32>(maxLanes(f32x4.pmax(top0, top1)), 1e-12);
  store<f32>(scale, top / 127 * factor);
  const inverse = f32x4.splat(<f32>127 / top);
  let terms = i32x4.splat(0);
  for (let d: usize = 0; d < bytes; d += 32) {
    const a = v128.load(key + d), b = v128.load(key + d, 16);
    const q = i16x8.narrow_i32x4_s(nearestI32x4(f32x4.mul(a, inverse)), nearestI32x4(f32x4.mul(b, inverse)));
    terms = i32x4.add(terms, ASC_FEATURE_RELAXED_SIMD ? i32x4.extadd_pairwise_i16x8_s(q) : pairsTwice(q));
    storeGroups(out + d * 2, q);
  }
  const total = sumLanesI32(terms);
  store<i32>(term, ASC_FEATURE_RELAXED_SIMD ? total : total >> 1);
  return sumLanes(zeros);
}
