/**
 * Sum of the squares in f64, where neither a large gradient overflows nor the many small ones are lost. Element i goes
 * into partial sum i mod 8; those add up as ((0 + 2) + (4 + 6)) + ((1 + 3) + (5 + 7)).
 *
 *   x  f32 [N], N a multiple of 8
 */
export function sumSquares(x: usize, N: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const end = x + (<usize>N << 2);
  for (; x < end; x += 32) {
    const v0 = promote(x), v1 = promote(x + 8), v2 = promote(x + 16), v3 = promote(x + 24);
    s0 = f64x2.add(s0, f64x2.mul(v0, v0));
    s1 = f64x2.add(s1, f64x2.mul(v1, v1));
    s2 = f64x2.add(s2, f64x2.mul(v2, v2));
    s3 = f64x2.add(s3, f64x2.mul(v3, v3));
  }
  const sum = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

// @ts-ignore: decorator
@inline
function promote(x: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(x));
}
