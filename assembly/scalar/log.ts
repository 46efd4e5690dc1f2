/** Natural logarithm of a normal x: e ln 2 + a polynomial in z, where x = 2^e (1 + z). */
export function logOf(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  let e = <f32>((bits >> 23) - 127);
  let fraction = reinterpret<f32>((bits & 0x007fffff) | 0x3f800000);
  if (reinterpret<i32>(fraction) >= 0x3fb504f3) {
    fraction = fraction * 0.5;
    e = e + 1;
  }
  const z: f32 = fraction - 1;
  let p: f32 = <f32>7.0376836292e-2 * z - <f32>1.1514610310e-1;
  p = p * z + <f32>1.1676998740e-1;
  p = p * z - <f32>1.2420140846e-1;
  p = p * z + <f32>1.4249322787e-1;
  p = p * z - <f32>1.6668057665e-1;
  p = p * z + <f32>2.0000714765e-1;
  p = p * z - <f32>2.4999993993e-1;
  p = p * z + <f32>3.3333331174e-1;
  p = p * z * (z * z) - e * <f32>2.12194440e-4;
  p = p - z * z * <f32>0.5 + z;
  return p + e * <f32>0.693359375;
}
