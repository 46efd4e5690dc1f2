import { get, set } from './array';
import { expOf } from './exp';

/** x f32 [N] */
export function sigmoid(x: usize, N: i32): void {
  for (let i = 0; i < N; i++) {
    const v = get(x, i);
    const e = expOf(-abs<f32>(v));
    set(x, i, (v >= 0 ? <f32>1 : e) / (1 + e));
  }
}
