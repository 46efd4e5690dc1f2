/**
 * Rows that pass at once, so that those of x stay in the first-level cache from tile to tile: 704 rows of 384 take 16.5
 * GMAC/s (matmulF32: 17.5), and 14 all at once.
 */
const BLOCK: i32 = 32;

/**
 * Gradient of a linear layer's weight, dW = dy^T x, each element one sum over m = 0, 1, … M - 1 in that order, by
 * separate multiply and add.
 *
 *   x         f32 [M, K], row stride xBytes
 *   dy        f32 [M, N rounded up to 8], row stride dyBytes
 *   gradient  f32 [ceil(N / 8)][K][8], the layout of matmulF32's weights
 *
 * M is at least 1. Tiles of four k by eight n, as matmulF32's.
 */
export function weightGradient(
  x: usize, xBytes: usize, dy: usize, dyBytes: usize, M: i32, N: i32, K: i32, gradient: usize,
): void {
  for (let m = 0; m < M; m += BLOCK) {
    const rows = x + <usize>m * xBytes;
    const end = rows + <usize>min(BLOCK, M - m) * xBytes;
    let out = gradient;
    for (let n = 0; n < N; n += 8) {
      const column = dy + <usize>m * dyBytes + (<usize>n << 2);
      for (let k = 0; k < K; k += 4) {
        const first = <usize>k << 2;
        switch (min(K - k, 4)) {
          case 4: tile(4, m == 0, rows + first, xBytes, end + first, column, dyBytes, out); break;
          case 3: tile(3, m == 0, rows + first, xBytes, end + first, column, dyBytes, out); break;
          case 2: tile(2, m == 0, rows + first, xBytes, end + first, column, dyBytes, out); break;
          default: tile(1, m == 0, rows + first, xBytes, end + first, column, dyBytes, out);
        }
        out += <usize>min(K - k, 4) << 5;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function tile(
  COLUMNS: i32, first: bool, x: usize, xBytes: usize, end: usize, dy: usize, dyBytes: usize, out: usize,
): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  if (!first) {
    s00 = v128.load(out); s01 = v128.load(out, 16);
    if (COLUMNS > 1) { s10 = v128.load(out, 32); s11 = v128.load(out, 48); }
    if (COLUMNS > 2) { s20 = v128.load(out, 64); s21 = v128.load(out, 80); }
    if (COLUMNS > 3) { s30 = v128.load(out, 96); s31 = v128.load(out, 112); }
  }
  do {
    const y0 = v128.load(dy), y1 = v128.load(dy, 16);
    let v = v128.load32_splat(x);
    s00 = f32x4.add(s00, f32x4.mul(v, y0)); s01 = f32x4.add(s01, f32x4.mul(v, y1));
    if (COLUMNS > 1) { v = v128.load32_splat(x, 4); s10 = f32x4.add(s10, f32x4.mul(v, y0)); s11 = f32x4.add(s11, f32x4.mul(v, y1)); }
    if (COLUMNS > 2) { v = v128.load32_splat(x, 8); s20 = f32x4.add(s20, f32x4.mul(v, y0)); s21 = f32x4.add(s21, f32x4.mul(v, y1)); }
    if (COLUMNS > 3) { v = v128.load32_splat(x, 12); s30 = f32x4.add(s30, f32x4.mul(v, y0)); s31 = f32x4.add(s31, f32x4.mul(v, y1)); }
    x += xBytes;
    dy += dyBytes;
  } while (x < end);
  v128.store(out, s00); v128.store(out, s01, 16);
  if (COLUMNS > 1) { v128.store(out, s10, 32); v128.store(out, s11, 48); }
  if (COLUMNS > 2) { v128.store(out, s20, 64); v128.store(out, s21, 80); }
  if (COLUMNS > 3) { v128.store(out, s30, 96); v128.store(out, s31, 112); }
}
