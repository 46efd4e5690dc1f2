import { get, set } from './array';

/** dy f32 [M, N], stride in elements; gradient f32 [N] */
export function biasGradient(dy: usize, dyStride: i32, M: i32, N: i32, gradient: usize): void {
  for (let n = 0; n < N; n++) {
    let sum: f32 = 0;
    for (let m = 0; m < M; m++) sum = sum + get(dy, m * dyStride + n);
    set(gradient, n, sum);
  }
}
