import { get, set } from './array';

/** dx = dy W: dy f32 [M, N], weight f32 [N, K], dx f32 [M, K]; what transposePanels and matmulF32 compute together. */
export function inputGradient(dy: usize, dyStride: i32, weight: usize, M: i32, N: i32, K: i32, dx: usize): void {
  for (let m = 0; m < M; m++) {
    for (let k = 0; k < K; k++) {
      let sum: f32 = 0;
      for (let n = 0; n < N; n++) sum = sum + get(dy, m * dyStride + n) * get(weight, n * K + k);
      set(dx, m * K + k, sum);
    }
  }
}
