/**
 * Gradient of a linear layer's bias: the sum of dy over m = 0, 1, … M - 1 in that order.
 *
 *   dy        f32 [M, N], row stride dyBytes
 *   gradient  f32 [N]
 *
 * N is a multiple of 4.
 */
export function biasGradient(dy: usize, dyBytes: usize, M: i32, N: i32, gradient: usize): void {
  const end = dy + <usize>M * dyBytes;
  for (let column: usize = 0; column < <usize>N << 2; column += 16) {
    let sum = f32x4.splat(0);
    for (let p = dy; p < end; p += dyBytes) sum = f32x4.add(sum, v128.load(p + column));
    v128.store(gradient + column, sum);
  }
}
