import { get, set } from './array';

/** x f32 [M, K], dy f32 [M, N], strides in elements; gradient f32 [N, K] */
export function weightGradient(
  x: usize, xStride: i32, dy: usize, dyStride: i32, M: i32, N: i32, K: i32, gradient: usize,
): void {
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      let sum: f32 = 0;
      for (let m = 0; m < M; m++) sum = sum + get(x, m * xStride + k) * get(dy, m * dyStride + n);
      set(gradient, n * K + k, sum);
    }
  }
}
