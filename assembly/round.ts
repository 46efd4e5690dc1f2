/** 1.5 * 2^23: adding it rounds a small f32 half to even and leaves the integer in the low bits; trunc_sat is slower. */
export const ROUND: f32 = 12582912;
export const ROUND_BITS: i32 = 0x4b400000;

/** x of at most 2^22 in size, rounded half to even. */
// @ts-ignore: decorator
@inline
export function nearestI32x4(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, f32x4.splat(ROUND)), i32x4.splat(ROUND_BITS));
}
