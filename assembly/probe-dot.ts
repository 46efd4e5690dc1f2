/**
 * One lane of the relaxed dot on four equal products a * b, a as s8, b as u8. WebAssembly leaves open how the instruction
 * reads a `b` above 127 and whether it saturates at 16 bits, so the host asks before it trusts the relaxed build.
 */
export function probeDot(a: i32, b: i32): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 4 * a * b;
  return i32x4.extract_lane(
    i32x4.relaxed_dot_i8x16_i7x16_add_s(i8x16.splat(<i8>a), i8x16.splat(<i8>b), i32x4.splat(0)), 0,
  );
}
