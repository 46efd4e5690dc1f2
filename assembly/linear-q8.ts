import { GROUP, LIGHT, panelRows } from './panels';

/**
 * Linear layer on quantised rows, y = x W^T + b:
 *
 *   sum     = integer sum over K of (q - zero) * w                           exact in i32 for K <= 29,000
 *   y[t, n] = f32(sum) * (rowScale[t] * scale[n]) + bias[n] + outlier[t, 0] * outlierWeight[n, 0] + …
 *
 *   packed, rowScale, rowTerm, outliers  as quantizeRows leaves them
 *   weight, columnTerm                   as packWeight leaves them
 *   scale, bias                          f32 [N]
 *   outlierWeight                        f32 [N / 8][C][8]
 *   y                                    f32 [T, N], row stride `rowBytes`
 *
 * Both builds come to the same integers by different ways:
 *
 *   relaxed   the dot instruction takes q as u8:  sum = dot - zero * (w summed over K)
 *   base      Winograd's inner product (IEEE Transactions on Computers C-17, 1968), on x = q - zero:
 *             (x0 + w1)(x1 + w0) = x0 w0 + x1 w1 + x0 x1 + w0 w1, so one multiplication does for two, and
 *             sum = dot - pairs(x) - pairs(w), where pairs(v) is v0 v1 + v2 v3 + …
 *             Multiplying is what bounds this build where one port multiplies (Zen 2) or i32x4.dot_i16x8_s takes three
 *             instructions (Arm): 32.5 GMAC/s on Zen 2, where the plain dot stops at 26.9.
 *
 * Rows lie in panels, so the panel of eight columns (8 * K bytes) stays in the first-level cache while all rows pass.
 * N is a multiple of 8, K of 4.
 */
export function linearQ8(
  packed: usize, rowScale: usize, rowTerm: usize, outliers: usize, T: i32, K: i32,
  weight: usize, scale: usize, bias: usize, columnTerm: usize, outlierWeight: usize, C: i32, N: i32, y: usize, rowBytes: usize,
): void {
  const groups = <usize>(K / GROUP);
  for (let n = 0; n < N; n += 8) {
    const w = weight + <usize>n * <usize>K;
    const column = <usize>n << 2;
    const extra = outlierWeight + column * <usize>C;
    let panel = packed;
    for (let t = 0; t < T; ) {
      const rows = panelRows(T - t);
      const end = panel + groups * <usize>rows * (ASC_FEATURE_RELAXED_SIMD ? 4 : 8);
      const out = y + <usize>t * rowBytes + column;
      if (ASC_FEATURE_RELAXED_SIMD) relaxedPanel(rows, panel, end, w, out, rowBytes);
      else basePanel(rows, panel, end, w, out, rowBytes);
      for (let r = 0; r < rows; r++) {
        const row = <usize>(t + r) << 2;
        toFloat(out + <usize>r * rowBytes, load<f32>(rowScale + row), load<i32>(rowTerm + row), scale + column,
          bias + column, columnTerm + column, outliers + row * <usize>C, extra, C);
      }
      panel = end;
      t += rows;
    }
  }
}

// @ts-ignore: decorator
@inline
function relaxedPanel(rows: i32, a: usize, end: usize, w: usize, y: usize, rowBytes: usize): void {
  switch (rows) {
    case 6: if (!LIGHT) relaxedTile(6, a, end, w, y, rowBytes); break;
    case 5: relaxedTile(5, a, end, w, y, rowBytes); break;
    case 4: relaxedTile(4, a, end, w, y, rowBytes); break;
    case 3: relaxedTile(3, a, end, w, y, rowBytes); break;
    case 2: relaxedTile(2, a, end, w, y, rowBytes); break;
    default: relaxedTile(1, a, end, w, y, rowBytes);
  }
}

// @ts-ignore: decorator
@inline
function basePanel(rows: i32, a: usize, end: usize, w: usize, y: usize, rowBytes: usize): void {
  switch (rows) {
    case 4: baseTile(4, a, end, w, y, rowBytes); break;
    case 3: baseTile(3, a, end, w, y, rowBytes); break;
    case 2: baseTile(2, a, end, w, y, rowBytes); break;
    default: baseTile(1, a, end, w, y, rowBytes);
  }
}

/*
 * Tiles: ROWS is a constant at each call, so the compiler keeps one straight loop a height. They store raw i32 sums in y.
 */

// @ts-ignore: decorator
@inline
function relaxedTile(ROWS: i32, a: usize, end: usize, w: usize, y: usize, rowBytes: usize): void {
  let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
  let s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
  do {
    const w0 = v128.load(w), w1 = v128.load(w, 16);
    if (LIGHT && ROWS > 3) {
      const four = v128.load(a);
      let x = i32x4.shuffle(four, four, 0, 0, 0, 0); s00 = relaxedDot(w0, x, s00); s01 = relaxedDot(w1, x, s01);
      x = i32x4.shuffle(four, four, 1, 1, 1, 1); s10 = relaxedDot(w0, x, s10); s11 = relaxedDot(w1, x, s11);
      x = i32x4.shuffle(four, four, 2, 2, 2, 2); s20 = relaxedDot(w0, x, s20); s21 = relaxedDot(w1, x, s21);
      x = i32x4.shuffle(four, four, 3, 3, 3, 3); s30 = relaxedDot(w0, x, s30); s31 = relaxedDot(w1, x, s31);
      if (ROWS > 4) { x = v128.load32_splat(a, 16); s40 = relaxedDot(w0, x, s40); s41 = relaxedDot(w1, x, s41); }
    } else {
      let x = v128.load32_splat(a);
      s00 = relaxedDot(w0, x, s00); s01 = relaxedDot(w1, x, s01);
      if (ROWS > 1) { x = v128.load32_splat(a, 4); s10 = relaxedDot(w0, x, s10); s11 = relaxedDot(w1, x, s11); }
      if (ROWS > 2) { x = v128.load32_splat(a, 8); s20 = relaxedDot(w0, x, s20); s21 = relaxedDot(w1, x, s21); }
      if (ROWS > 3) { x = v128.load32_splat(a, 12); s30 = relaxedDot(w0, x, s30); s31 = relaxedDot(w1, x, s31); }
      if (ROWS > 4) { x = v128.load32_splat(a, 16); s40 = relaxedDot(w0, x, s40); s41 = relaxedDot(w1, x, s41); }
      if (ROWS > 5) { x = v128.load32_splat(a, 20); s50 = relaxedDot(w0, x, s50); s51 = relaxedDot(w1, x, s51); }
    }
    a += ROWS << 2;
    w += 32;
  } while (a < end);
  v128.store(y, s00); v128.store(y, s01, 16);
  if (ROWS > 1) { y += rowBytes; v128.store(y, s10); v128.store(y, s11, 16); }
  if (ROWS > 2) { y += rowBytes; v128.store(y, s20); v128.store(y, s21, 16); }
  if (ROWS > 3) { y += rowBytes; v128.store(y, s30); v128.store(y, s31, 16); }
  if (ROWS > 4) { y += rowBytes; v128.store(y, s40); v128.store(y, s41, 16); }
  if (ROWS > 5) { y += rowBytes; v128.store(y, s50); v128.store(y, s51, 16); }
}

/** The instruction leaves open what it does with bytes above 127: exact on u8 only where the probe at load says so. */
// @ts-ignore: decorator
@inline
function relaxedDot(w: v128, x: v128, sum: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, sum);
}

/** Weights are widened at each use: widening a whole panel first is no faster, and slower where few rows share it. */
// @ts-ignore: decorator
@inline
function baseTile(ROWS: i32, a: usize, end: usize, w: usize, y: usize, rowBytes: usize): void {
  let s00 = i32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  do {
    let odd0: v128, even0: v128, odd1: v128, even1: v128;
    if (LIGHT) {
      const left = v128.load(w), right = v128.load(w, 16);
      odd0 = i16x8.extend_low_i8x16_s(left); even0 = i16x8.extend_high_i8x16_s(left);
      odd1 = i16x8.extend_low_i8x16_s(right); even1 = i16x8.extend_high_i8x16_s(right);
    } else {
      odd0 = v128.load8x8_s(w); even0 = v128.load8x8_s(w, 8);
      odd1 = v128.load8x8_s(w, 16); even1 = v128.load8x8_s(w, 24);
    }
    if (LIGHT && ROWS > 1) {
      let two = v128.load(a);
      let even = i32x4.shuffle(two, two, 0, 0, 0, 0), odd = i32x4.shuffle(two, two, 1, 1, 1, 1);
      s00 = baseDot(even, odd, odd0, even0, s00); s01 = baseDot(even, odd, odd1, even1, s01);
      even = i32x4.shuffle(two, two, 2, 2, 2, 2); odd = i32x4.shuffle(two, two, 3, 3, 3, 3);
      s10 = baseDot(even, odd, odd0, even0, s10); s11 = baseDot(even, odd, odd1, even1, s11);
      if (ROWS > 2) {
        two = ROWS > 3 ? v128.load(a, 16) : v128.load64_splat(a, 16);
        even = i32x4.shuffle(two, two, 0, 0, 0, 0); odd = i32x4.shuffle(two, two, 1, 1, 1, 1);
        s20 = baseDot(even, odd, odd0, even0, s20); s21 = baseDot(even, odd, odd1, even1, s21);
      }
      if (ROWS > 3) {
        even = i32x4.shuffle(two, two, 2, 2, 2, 2); odd = i32x4.shuffle(two, two, 3, 3, 3, 3);
        s30 = baseDot(even, odd, odd0, even0, s30); s31 = baseDot(even, odd, odd1, even1, s31);
      }
    } else {
      let even = v128.load32_splat(a), odd = v128.load32_splat(a, 4);
      s00 = baseDot(even, odd, odd0, even0, s00); s01 = baseDot(even, odd, odd1, even1, s01);
      if (ROWS > 1) {
        even = v128.load32_splat(a, 8); odd = v128.load32_splat(a, 12);
        s10 = baseDot(even, odd, odd0, even0, s10); s11 = baseDot(even, odd, odd1, even1, s11);
      }
      if (ROWS > 2) {
        even = v128.load32_splat(a, 16); odd = v128.load32_splat(a, 20);
        s20 = baseDot(even, odd, odd0, even0, s20); s21 = baseDot(even, odd, odd1, even1, s21);
      }
      if (ROWS > 3) {
        even = v128.load32_splat(a, 24); odd = v128.load32_splat(a, 28);
        s30 = baseDot(even, odd, odd0, even0, s30); s31 = baseDot(even, odd, odd1, even1, s31);
      }
    }
    a += ROWS << 3;
    w += 32;
  } while (a < end);
  v128.store(y, s00); v128.store(y, s01, 16);
  if (ROWS > 1) { y += rowBytes; v128.store(y, s10); v128.store(y, s11, 16); }
  if (ROWS > 2) { y += rowBytes; v128.store(y, s20); v128.store(y, s21, 16); }
  if (ROWS > 3) { y += rowBytes; v128.store(y, s30); v128.store(y, s31, 16); }
}

/** (x0 + w1)(x1 + w0) + (x2 + w3)(x3 + w2) for four columns: sums of at most 383 in 16 bits, two products a lane of 32. */
// @ts-ignore: decorator
@inline
function baseDot(even: v128, odd: v128, oddWeights: v128, evenWeights: v128, sum: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.add(even, oddWeights), i16x8.add(odd, evenWeights)));
}

/** Turns eight i32 sums of one row into f32 where they stand. */
// @ts-ignore: decorator
@inline
function toFloat(
  y: usize, rowScale: f32, rowTerm: i32, scale: usize, bias: usize, columnTerm: usize, outliers: usize, extra: usize,
  C: i32,
): void {
  const term = i32x4.splat(rowTerm);
  const sum0 = i32x4.sub(v128.load(y), excess(term, v128.load(columnTerm)));
  const sum1 = i32x4.sub(v128.load(y, 16), excess(term, v128.load(columnTerm, 16)));
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

/** What a build's dot holds beyond the sum. */
// @ts-ignore: decorator
@inline
function excess(rowTerm: v128, columnTerm: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i32x4.mul(rowTerm, columnTerm) : i32x4.add(rowTerm, columnTerm);
}
