import { maxLanes, minLanes, sumLanes } from './lanes';
import { pairsTwice, sumLanesI32 } from './pairs';
import { GROUP, panelRows, STEP_BYTES, storeRowGroups } from './panels';
import { ROUND, ROUND_BITS } from './round';


/**
 * Quantises rows to u8, asymmetric, each by its own range: q = round(x / scale) + zero, x = (q - zero) * scale.
 * A row that holds NaN or an infinity gets a scale of NaN. Outlier columns are moved to `outliers` first: they take no part in the range, and stand as zero in the result.
 *
 *   x         f32 [T, K], row stride `rowBytes`; unchanged on return
 *   columns   i32 [C], the outlier columns
 *   packed    [panel][K / 4][rows][4]; relaxed: u8 q; base: i16 q - zero, each four in the order 0, 2, 1, 3
 *   scale     f32 [T]
 *   rowTerm   i32 [T], what linearQ8 takes off the sums; relaxed: zero; base: pairs(q - zero), see there
 *   outliers  f32 [T, C]
 *
 * K is a multiple of 8.
 */
export function quantizeRows(
  x: usize, rowBytes: usize, T: i32, K: i32, columns: usize, C: i32, packed: usize, scale: usize, rowTerm: usize, outliers: usize,
): void {
  let panel = packed;
  for (let t = 0; t < T; ) {
    const rows = panelRows(T - t);
    const stride = <usize>rows * STEP_BYTES;
    for (let r = 0; r < rows; r++) {
      const row = x + <usize>(t + r) * rowBytes;
      const kept = outliers + <usize>(t + r) * (<usize>C << 2);
      for (let c = 0; c < C; c++) {
        const value = row + (<usize>load<i32>(columns + (<usize>c << 2)) << 2);
        store<f32>(kept + (<usize>c << 2), load<f32>(value));
        store<f32>(value, 0);
      }
      const at = <usize>(t + r) << 2;
      quantizeRow(row, K, panel + <usize>r * STEP_BYTES, stride, scale + at, rowTerm + at);
      for (let c = 0; c < C; c++) {
        const value = row + (<usize>load<i32>(columns + (<usize>c << 2)) << 2);
        store<f32>(value, load<f32>(kept + (<usize>c << 2)));
      }
    }
    panel += stride * <usize>(K / GROUP);
    t += rows;
  }
}

// @ts-ignore: decorator
@inline
function quantizeRow(row: usize, K: i32, out: usize, stride: usize, scale: usize, rowTerm: usize): void {
  const end = row + (<usize>K << 2);
  // The range always holds 0, so that 0 is exact and zero lies in 0 .. 255. pmin/pmax cost a third of min/max.
  let low0 = f32x4.splat(0), low1 = low0, high0 = low0, high1 = low0, zeros = low0;
  for (let p = row; p < end; p += 32) {
    const a = v128.load(p), b = v128.load(p, 16);
    zeros = f32x4.add(zeros, f32x4.mul(f32x4.add(a, b), f32x4.splat(0)));
    low0 = f32x4.pmin(low0, a);
    low1 = f32x4.pmin(low1, b);
    high0 = f32x4.pmax(high0, a);
    high1 = f32x4.pmax(high1, b);
  }
  const low = minLanes(f32x4.pmin(low0, low1));
  const range = max<f32>(maxLanes(f32x4.pmax(high0, high1)) - low, 1e-12);
  const inverse: f32 = 255 / range;
  const zeroPoint = nearest<f32>(-low * inverse);
  // pmin and pmax pass over NaN, but its times 0 is NaN: an overflow must not be quantised into an answer.
  store<f32>(scale, range / 255 + sumLanes(zeros));

  const multiplier = f32x4.splat(inverse);
  const shift = f32x4.splat(zeroPoint + ROUND);
  const bits = i32x4.splat(ROUND_BITS);
  const least = i16x8.splat(0), most = i16x8.splat(255), centre = i16x8.splat(<i16>zeroPoint);
  let pairs = i32x4.splat(0);
  for (let p = row; p < end; p += 32) {
    const a = i32x4.sub(f32x4.add(f32x4.mul(v128.load(p), multiplier), shift), bits);
    const b = i32x4.sub(f32x4.add(f32x4.mul(v128.load(p, 16), multiplier), shift), bits);
    let q = i16x8.narrow_i32x4_s(a, b);
    if (!ASC_FEATURE_RELAXED_SIMD) {
      q = i16x8.sub(i16x8.min_s(i16x8.max_s(q, least), most), centre);
      pairs = i32x4.add(pairs, pairsTwice(q));
    }
    storeRowGroups(out, stride, q);
    out += stride << 1;
  }
  store<i32>(rowTerm, ASC_FEATURE_RELAXED_SIMD ? <i32>zeroPoint : sumLanesI32(pairs) >> 1);
}
