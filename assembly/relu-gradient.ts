/**
 * Gradient through ReLU, in place: 0 where its output is 0. NaN in the output lets the gradient pass, as in torch.
 *
 *   dy  f32 [N]
 *   y   f32 [N], what relu gave
 *
 * N is a multiple of 4.
 */
export function reluGradient(dy: usize, y: usize, N: i32): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>N << 2; i += 16) {
    v128.store(dy + i, v128.andnot(v128.load(dy + i), f32x4.le(v128.load(y + i), zero)));
  }
}
