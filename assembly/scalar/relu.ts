import { get, set } from './array';

/** x f32 [N] */
export function relu(x: usize, N: i32): void {
  for (let i = 0; i < N; i++) set(x, i, get(x, i) < 0 ? 0 : get(x, i));
}
