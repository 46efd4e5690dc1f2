/**
 * The clamp, log2 e, 1.5 * 2^23 (which rounds and leaves n in the low bits), ln 2 in two parts so that n ln 2 loses no
 * bits, the polynomial from the highest power down, and 1. In memory: gelu.ts says why; softmax takes 0.37 ms
 * where it took 0.48.
 */
const CONSTANTS = memory.data<f32>([
  -60, 1.44269504088896341, 12582912, 0.693359375, 2.1219444e-4,
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load32_splat(CONSTANTS + (index << 2));
}

/**
 * e^x for x <= 88 by lane: x = n ln 2 + r, a polynomial of degree 6 in r (coefficients of Cephes `expf`), times 2^n.
 * Relative error at most 1.2e-7 from -60 to 0.
 *
 * Below -60 it gives e^-60 (9e-27): further down, a softmax weight would become subnormal, and arithmetic on
 * subnormals costs 4-6 times as much.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmax(x, constant(0));
  const shifted = f32x4.add(f32x4.mul(x, constant(1)), constant(2));
  const n = f32x4.sub(shifted, constant(2));
  let r = f32x4.sub(x, f32x4.mul(n, constant(3)));
  r = f32x4.add(r, f32x4.mul(n, constant(4)));
  let p = f32x4.add(f32x4.mul(constant(5), r), constant(6));
  p = f32x4.add(f32x4.mul(p, r), constant(7));
  p = f32x4.add(f32x4.mul(p, r), constant(8));
  p = f32x4.add(f32x4.mul(p, r), constant(9));
  p = f32x4.add(f32x4.mul(p, r), constant(10));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), constant(11));
  return f32x4.mul(p, i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23));
}
