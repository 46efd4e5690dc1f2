/**
 * GELU, x / 2 * (1 + erf(x / sqrt 2)) (Hendrycks and Gimpel 2016, the exact form that BERT uses), in place.
 * erf(y) is y P(y^2) / Q(y^2) with the coefficients of Eigen's single-precision erf, on y clamped to -4 .. 4, beyond
 * which erf is 1 in f32. Within 4e-7 of max(1, |x|) of the exact value.
 *
 *   x  f32 [N], N a multiple of 4
 */
export function gelu(x: usize, N: i32): void {
  const end = x + (<usize>N << 2);
  for (let p = x; p < end; p += 16) {
    const v = v128.load(p);
    let y = f32x4.mul(v, f32x4.splat(0.70710678118654752));
    y = f32x4.pmin(f32x4.pmax(y, f32x4.splat(-4)), f32x4.splat(4));
    const z = f32x4.mul(y, y);
    let a = f32x4.add(f32x4.mul(f32x4.splat(-2.72614225801306e-10), z), f32x4.splat(2.77068142495902e-8));
    a = f32x4.add(f32x4.mul(a, z), f32x4.splat(-2.10102402082508e-6));
    a = f32x4.add(f32x4.mul(a, z), f32x4.splat(-5.69250639462346e-5));
    a = f32x4.add(f32x4.mul(a, z), f32x4.splat(-7.34990630326855e-4));
    a = f32x4.add(f32x4.mul(a, z), f32x4.splat(-2.9545998085402e-3));
    a = f32x4.add(f32x4.mul(a, z), f32x4.splat(-1.60960333262415e-2));
    let b = f32x4.add(f32x4.mul(f32x4.splat(-1.45660718464996e-5), z), f32x4.splat(-2.13374055278905e-4));
    b = f32x4.add(f32x4.mul(b, z), f32x4.splat(-1.68282697438203e-3));
    b = f32x4.add(f32x4.mul(b, z), f32x4.splat(-7.37332916720468e-3));
    b = f32x4.add(f32x4.mul(b, z), f32x4.splat(-1.42647390514189e-2));
    const erf = f32x4.div(f32x4.mul(y, a), b);
    v128.store(p, f32x4.mul(f32x4.mul(v, f32x4.splat(0.5)), f32x4.add(f32x4.splat(1), erf)));
  }
}
