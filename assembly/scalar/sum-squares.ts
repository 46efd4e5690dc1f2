import { get } from './array';

/** x f32 [N], N a multiple of 8 */
export function sumSquares(x: usize, N: i32): f64 {
  return partial(x, N, 0) + partial(x, N, 2) + (partial(x, N, 4) + partial(x, N, 6)) +
    (partial(x, N, 1) + partial(x, N, 3) + (partial(x, N, 5) + partial(x, N, 7)));
}

function partial(x: usize, N: i32, first: i32): f64 {
  let sum: f64 = 0;
  for (let i = first; i < N; i += 8) sum += <f64>get(x, i) * <f64>get(x, i);
  return sum;
}
