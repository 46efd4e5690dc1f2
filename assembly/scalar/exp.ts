/** e^x, at least e^-60: n ln 2 + r, a polynomial in r, times 2^n. */
export function expOf(value: f32): f32 {
  const x: f32 = value > -60 ? value : -60;
  const n = nearest<f32>(x * <f32>1.44269504088896341);
  let r = x - n * <f32>0.693359375;
  r = r + n * <f32>2.1219444e-4;
  let p: f32 = <f32>1.98756915e-4 * r + <f32>1.3981999507e-3;
  p = p * r + <f32>8.3334519073e-3;
  p = p * r + <f32>4.1665795894e-2;
  p = p * r + <f32>1.6666665459e-1;
  p = p * r + <f32>5.0000001201e-1;
  p = p * (r * r) + r + 1;
  return p * reinterpret<f32>((<i32>n + 127) << 23);
}
