/**
 * y = a B (+ bias), each element one sum over k = 0, 1, … K - 1 in that order, by separate multiply and add.
 *
 *   a     f32 [M, K], row stride aBytes
 *   b     f32 [ceil(N / 8)][K][8], as packRowsF32 or packColumnsF32 leave it
 *   bias  f32 [N rounded up to 8], the value each sum starts from; 0 for none
 *   y     f32 [M, N rounded up to 8], row stride yBytes
 *
 * Four rows a tile: 8 sums, two vectors of b and one of a; with more, address registers spill.
 */
export function matmulF32(
  a: usize, aBytes: usize, b: usize, bias: usize, y: usize, yBytes: usize, M: i32, N: i32, K: i32,
): void {
  const end = <usize>K << 5;
  for (let n = 0; n < N; n += 8) {
    const column = <usize>n << 2;
    const start = bias ? bias + column : 0;
    for (let m = 0; m < M; m += 4) {
      const rows = a + <usize>m * aBytes;
      const out = y + <usize>m * yBytes + column;
      switch (min(M - m, 4)) {
        case 4: tile(4, rows, aBytes, b, b + end, start, out, yBytes); break;
        case 3: tile(3, rows, aBytes, b, b + end, start, out, yBytes); break;
        case 2: tile(2, rows, aBytes, b, b + end, start, out, yBytes); break;
        default: tile(1, rows, aBytes, b, b + end, start, out, yBytes);
      }
    }
    b += end;
  }
}

// @ts-ignore: decorator
@inline
function tile(
  ROWS: i32, a: usize, aBytes: usize, b: usize, end: usize, start: usize, y: usize, yBytes: usize,
): void {
  let s00 = start ? v128.load(start) : f32x4.splat(0), s01 = start ? v128.load(start, 16) : f32x4.splat(0);
  let s10 = s00, s11 = s01, s20 = s00, s21 = s01, s30 = s00, s31 = s01;
  const a1 = aBytes, a2 = aBytes * 2, a3 = aBytes * 3;
  do {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x, b0)); s01 = f32x4.add(s01, f32x4.mul(x, b1));
    if (ROWS > 1) { x = v128.load32_splat(a + a1); s10 = f32x4.add(s10, f32x4.mul(x, b0)); s11 = f32x4.add(s11, f32x4.mul(x, b1)); }
    if (ROWS > 2) { x = v128.load32_splat(a + a2); s20 = f32x4.add(s20, f32x4.mul(x, b0)); s21 = f32x4.add(s21, f32x4.mul(x, b1)); }
    if (ROWS > 3) { x = v128.load32_splat(a + a3); s30 = f32x4.add(s30, f32x4.mul(x, b0)); s31 = f32x4.add(s31, f32x4.mul(x, b1)); }
    a += 4;
    b += 32;
  } while (b < end);
  v128.store(y, s00); v128.store(y, s01, 16);
  if (ROWS > 1) { y += yBytes; v128.store(y, s10); v128.store(y, s11, 16); }
  if (ROWS > 2) { y += yBytes; v128.store(y, s20); v128.store(y, s21, 16); }
  if (ROWS > 3) { y += yBytes; v128.store(y, s30); v128.store(y, s31, 16); }
}
