/**
 * The relaxed dot of four s8, the bytes of `a`, with four u8, the bytes of `b`; i32.MIN_VALUE where the lanes disagree.
 * WebAssembly leaves open how the instruction reads a `b` above 127 and whether it saturates at 16 bits, so the host asks
 * before it trusts the relaxed build.
 */
export function probeDot(a: i32, b: i32): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 0;
  const sums = i32x4.relaxed_dot_i8x16_i7x16_add_s(i32x4.splat(a), i32x4.splat(b), i32x4.splat(0));
  const first = i32x4.extract_lane(sums, 0);
  return i32x4.all_true(i32x4.eq(sums, i32x4.splat(first))) ? first : i32.MIN_VALUE;
}
