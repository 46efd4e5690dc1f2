/**
 * e^x for x <= 88 by lane: x = n ln 2 + r, a polynomial of degree 6 in r (coefficients of Cephes `expf`), times 2^n.
 * Relative error at most 1.2e-7 on -60 .. 88.
 *
 * Below -60 it gives e^-60 (9e-27): further down, a softmax weight would become subnormal, and arithmetic on
 * subnormals costs 4-6 times as much.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmax(x, f32x4.splat(-60));
  const magic = f32x4.splat(12582912); // 1.5 * 2^23: rounds, and leaves n in the low bits
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504088896341)), magic);
  const n = f32x4.sub(shifted, magic);
  // ln 2 in two parts, so that n ln 2 loses no bits
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.add(f32x4.mul(f32x4.splat(1.9875691500e-4), r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  return f32x4.mul(p, i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23));
}
