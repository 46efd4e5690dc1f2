import { get, set } from './array';

/** dy, y f32 [N] */
export function reluGradient(dy: usize, y: usize, N: i32): void {
  for (let i = 0; i < N; i++) set(dy, i, get(y, i) <= 0 ? 0 : get(dy, i));
}
