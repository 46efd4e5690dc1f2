/**
 * Natural logarithm by lane, for normal x (of NaN and Infinity it makes a number): x = 2^e (1 + z) with 1 + z from
 * sqrt(1/2) to sqrt 2, a polynomial of degree 9 in z (coefficients of Cephes `logf`), and e ln 2 in two parts. Relative
 * error at most 7.8e-8.
 */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  // Bits counted from those of sqrt(1/2): the exponent is then the whole part, whichever side of 1 the fraction lies on.
  const offset = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(offset, 23));
  const fraction = i32x4.add(v128.and(offset, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const z = f32x4.sub(fraction, f32x4.splat(1));
  const square = f32x4.mul(z, z);
  let p = f32x4.add(f32x4.mul(f32x4.splat(7.0376836292e-2), z), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(3.3333331174e-1));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, z), square), f32x4.mul(e, f32x4.splat(-2.12194440e-4)));
  p = f32x4.add(f32x4.sub(p, f32x4.mul(square, f32x4.splat(0.5))), z);
  return f32x4.add(p, f32x4.mul(e, f32x4.splat(0.693359375)));
}
