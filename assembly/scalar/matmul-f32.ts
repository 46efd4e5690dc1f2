import { get, set } from './array';

/** a f32 [M, K]; b f32 [N, K]; bias f32 [N] or 0 for none; y f32 [M, N]. Strides of a and b in elements. */
export function matmulF32(
  a: usize, aStride: i32, b: usize, bStride: i32, bias: usize, y: usize, yStride: i32, M: i32, N: i32, K: i32,
): void {
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum: f32 = bias ? get(bias, n) : 0;
      for (let k = 0; k < K; k++) sum = sum + get(a, m * aStride + k) * get(b, n * bStride + k);
      set(y, m * yStride + n, sum);
    }
  }
}
