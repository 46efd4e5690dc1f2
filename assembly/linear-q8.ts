import { panelRows } from './panels';
import { GROUP } from './quantize-rows';

/**
 * Linear layer on quantised rows, y = x W^T + b:
 *
 *   sum     = integer sum over K of (q - zero) * w                           exact in i32 for K <= 65,000
 *   y[t, n] = f32(sum) * (rowScale[t] * scale[n]) + bias[n] + outlier[t, 0] * outlierWeight[n, 0] + …
 *
 *   packed         rows as quantizeRows leaves them
 *   weight         i8, [N / 8][K / GROUP][8][GROUP], as packWeight leaves it
 *   scale, bias    f32 [N]
 *   columnSum      i32 [N], sums of the weights over K: the relaxed build, whose rows are u8, takes zero * sum off again
 *   outlierWeight  f32 [N / 8][C][8]
 *   outliers       f32 [T, C]
 *   y              f32 [T, N]
 *
 * Rows lie in panels, so the panel of eight columns (8 * K bytes) stays in the first-level cache while all rows pass.
 * N is a multiple of 8, K of 16.
 */
export function linearQ8(
  packed: usize, rowScale: usize, rowZero: usize, outliers: usize, T: i32, K: i32,
  weight: usize, scale: usize, bias: usize, columnSum: usize, outlierWeight: usize, C: i32, N: i32, y: usize,
): void {
  const rowBytes = <usize>N << 2;
  for (let n = 0; n < N; n += 8) {
    const w = weight + <usize>n * <usize>K;
    const column = <usize>n << 2;
    const extra = outlierWeight + column * <usize>C;
    let panel = packed;
    for (let t = 0; t < T; ) {
      const rows = panelRows(T - t);
      const end = panel + <usize>(K / GROUP) * (<usize>rows << 2);
      const out = y + <usize>t * rowBytes + column;
      switch (rows) {
        case 6: tile(6, panel, end, w, out, rowBytes); break;
        case 5: tile(5, panel, end, w, out, rowBytes); break;
        case 4: tile(4, panel, end, w, out, rowBytes); break;
        case 3: tile(3, panel, end, w, out, rowBytes); break;
        case 2: tile(2, panel, end, w, out, rowBytes); break;
        default: tile(1, panel, end, w, out, rowBytes);
      }
      for (let r = 0; r < rows; r++) {
        const row = <usize>(t + r) << 2;
        toFloat(out + <usize>r * rowBytes, load<f32>(rowScale + row), load<i32>(rowZero + row), scale + column,
          bias + column, columnSum + column, outliers + row * <usize>C, extra, C);
      }
      panel = end;
      t += rows;
    }
  }
}

/** Adds four (relaxed) or two (base) products a lane. The relaxed instruction is exact on u8 only where the probe says so. */
// @ts-ignore: decorator
@inline
function dot(w: v128, x: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, sum);
  return i32x4.add(sum, i32x4.dot_i16x8_s(x, w));
}

/**
 * Weights of the next group, for columns 0-3 and 4-7. The base build widens them at each use: that costs nothing beside
 * i32x4.dot_i16x8_s, which bounds it (26.9 of 27.0 GMAC/s on Zen 2, 45 of 47 on Sapphire Rapids), and widening a whole
 * panel first is no faster, and slower where few rows share it.
 */
// @ts-ignore: decorator
@inline
function weights(p: usize, half: usize): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.load(p + half * 16) : v128.load8x8_s(p + half * 8);
}

/** ROWS is a constant at each call, so the compiler keeps one straight loop a height. Stores raw i32 sums in `y`. */
// @ts-ignore: decorator
@inline
function tile(ROWS: i32, a: usize, end: usize, w: usize, y: usize, rowBytes: usize): void {
  let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  do {
    const w0 = weights(w, 0), w1 = weights(w, 1);
    let x = v128.load32_splat(a);
    s00 = dot(w0, x, s00); s01 = dot(w1, x, s01);
    if (ROWS > 1) { x = v128.load32_splat(a, 4); s10 = dot(w0, x, s10); s11 = dot(w1, x, s11); }
    if (ROWS > 2) { x = v128.load32_splat(a, 8); s20 = dot(w0, x, s20); s21 = dot(w1, x, s21); }
    if (ROWS > 3) { x = v128.load32_splat(a, 12); s30 = dot(w0, x, s30); s31 = dot(w1, x, s31); }
    if (ROWS > 4) { x = v128.load32_splat(a, 16); s40 = dot(w0, x, s40); s41 = dot(w1, x, s41); }
    if (ROWS > 5) { x = v128.load32_splat(a, 20); s50 = dot(w0, x, s50); s51 = dot(w1, x, s51); }
    a += ROWS << 2;
    w += GROUP << 3;
  } while (a < end);
  v128.store(y, s00); v128.store(y, s01, 16);
  if (ROWS > 1) { y += rowBytes; v128.store(y, s10); v128.store(y, s11, 16); }
  if (ROWS > 2) { y += rowBytes; v128.store(y, s20); v128.store(y, s21, 16); }
  if (ROWS > 3) { y += rowBytes; v128.store(y, s30); v128.store(y, s31, 16); }
  if (ROWS > 4) { y += rowBytes; v128.store(y, s40); v128.store(y, s41, 16); }
  if (ROWS > 5) { y += rowBytes; v128.store(y, s50); v128.store(y, s51, 16); }
}

/** Turns eight i32 sums of one row into f32 where they stand. */
// @ts-ignore: decorator
@inline
function toFloat(
  y: usize, rowScale: f32, rowZero: i32, scale: usize, bias: usize, columnSum: usize, outliers: usize, extra: usize, C: i32,
): void {
  let sum0 = v128.load(y), sum1 = v128.load(y, 16);
  if (ASC_FEATURE_RELAXED_SIMD) {
    const zero = i32x4.splat(rowZero);
    sum0 = i32x4.sub(sum0, i32x4.mul(zero, v128.load(columnSum)));
    sum1 = i32x4.sub(sum1, i32x4.mul(zero, v128.load(columnSum, 16)));
  }
  const row = f32x4.splat(rowScale);
  let y0 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum0), f32x4.mul(row, v128.load(scale))), v128.load(bias));
  let y1 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum1), f32x4.mul(row, v128.load(scale, 16))), v128.load(bias, 16));
  for (let c = 0; c < C; c++) {
    const x = v128.load32_splat(outliers + (<usize>c << 2));
    y0 = f32x4.add(y0, f32x4.mul(x, v128.load(extra)));
    y1 = f32x4.add(y1, f32x4.mul(x, v128.load(extra, 16)));
    extra += 32;
  }
  v128.store(y, y0);
  v128.store(y, y1, 16);
}
