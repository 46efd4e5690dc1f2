import { get, set } from './array';

/** x f32 [T, K], columns i32 [C]; q u8 [T, K], scale f32 [T], zero i32 [T] */
export function quantizeRows(
  x: usize, T: i32, K: i32, columns: usize, C: i32, q: usize, scale: usize, zero: usize,
): void {
  for (let t = 0; t < T; t++) {
    let low: f32 = 0, high: f32 = 0, zeros: f32 = 0;
    for (let k = 0; k < K; k++) {
      const v = kept(x, t * K, k, columns, C);
      low = min<f32>(low, v);
      high = max<f32>(high, v);
      zeros += v * 0;
    }
    const range = max<f32>(high - low, 1e-12);
    const inverse: f32 = 255 / range;
    const zeroPoint = nearest<f32>(-low * inverse);
    set(scale, t, range / 255 + zeros);
    store<i32>(zero + (<usize>t << 2), <i32>zeroPoint);
    for (let k = 0; k < K; k++) {
      // f64 holds product and sum exactly, so there is one rounding, half to even.
      const value = nearest<f64>(<f64>(kept(x, t * K, k, columns, C) * inverse) + <f64>zeroPoint);
      store<u8>(q + <usize>(t * K + k), <u8>min<f64>(max<f64>(value, 0), 255));
    }
  }
}

/** The value, or 0 in an outlier column. */
function kept(x: usize, row: i32, k: i32, columns: usize, C: i32): f32 {
  for (let c = 0; c < C; c++) if (load<i32>(columns + (<usize>c << 2)) == k) return 0;
  return get(x, row + k);
}
