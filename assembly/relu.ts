/**
 * max(x, 0) in place. NaN stays NaN: pmax(a, b) is a unless a < b, and an overflow must not turn into a label.
 *
 *   x  f32 [N], N a multiple of 4
 */
export function relu(x: usize, N: i32): void {
  const end = x + (<usize>N << 2);
  for (let p = x; p < end; p += 16) v128.store(p, f32x4.pmax(v128.load(p), f32x4.splat(0)));
}
