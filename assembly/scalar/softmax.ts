import { get, set } from './array';
import { expOf } from './exp';

/** x f32 [M, N], row stride in elements. */
export function softmax(x: usize, stride: i32, M: i32, N: i32, scale: f32): void {
  for (let m = 0; m < M; m++) {
    const row = x + (<usize>(m * stride) << 2);
    let top: f32 = -Infinity;
    for (let i = 0; i < N; i++) top = max<f32>(top, get(row, i) * scale);
    let sum0: f32 = 0, sum1: f32 = 0, sum2: f32 = 0, sum3: f32 = 0;
    for (let i = 0; i < N; i++) {
      const e = expOf(get(row, i) * scale - top);
      set(row, i, e);
      switch (i & 3) {
        case 0: sum0 += e; break;
        case 1: sum1 += e; break;
        case 2: sum2 += e; break;
        default: sum3 += e;
      }
    }
    const inverse: f32 = 1 / (sum0 + sum1 + (sum2 + sum3));
    for (let i = 0; i < N; i++) set(row, i, get(row, i) * inverse);
  }
}
