import { sumLanes } from './lanes';

/**
 * LayerNorm over each row, in place: (x - mean) / sqrt(variance + epsilon) * gain + bias (Ba et al. 2016), the variance
 * from a second pass. Element i goes into partial sum i mod 8.
 *
 *   x           f32 [T, D]
 *   gain, bias  f32 [D]
 *
 * D is a multiple of 8.
 */
export function layerNorm(x: usize, T: i32, D: i32, gain: usize, bias: usize, epsilon: f32): void {
  const bytes = <usize>D << 2;
  const end = x + <usize>T * bytes;
  for (let row = x; row < end; row += bytes) normalizeRow(row, D, gain, bias, epsilon);
}

/** x = LayerNorm(x + y), with y f32 [T, D]: the residual sums of a transformer layer. */
export function addLayerNorm(x: usize, y: usize, T: i32, D: i32, gain: usize, bias: usize, epsilon: f32): void {
  const bytes = <usize>D << 2;
  for (let t: usize = 0; t < <usize>T; t++) {
    const row = x + t * bytes, other = y + t * bytes;
    for (let i: usize = 0; i < bytes; i += 16) v128.store(row + i, f32x4.add(v128.load(row + i), v128.load(other + i)));
    normalizeRow(row, D, gain, bias, epsilon);
  }
}

// @ts-ignore: decorator
@inline
function normalizeRow(row: usize, D: i32, gain: usize, bias: usize, epsilon: f32): void {
  const bytes = <usize>D << 2;
  const perElement = <f32>1 / <f32>D;
  let sum0 = f32x4.splat(0), sum1 = sum0;
  for (let i: usize = 0; i < bytes; i += 32) {
    sum0 = f32x4.add(sum0, v128.load(row + i));
    sum1 = f32x4.add(sum1, v128.load(row + i, 16));
  }
  const mean = f32x4.splat(sumLanes(f32x4.add(sum0, sum1)) * perElement);
  sum0 = f32x4.splat(0);
  sum1 = sum0;
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = f32x4.sub(v128.load(row + i), mean), b = f32x4.sub(v128.load(row + i, 16), mean);
    sum0 = f32x4.add(sum0, f32x4.mul(a, a));
    sum1 = f32x4.add(sum1, f32x4.mul(b, b));
  }
  const inverse = f32x4.splat(<f32>1 / sqrt<f32>(sumLanes(f32x4.add(sum0, sum1)) * perElement + epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    const normal = f32x4.mul(f32x4.sub(v128.load(row + i), mean), inverse);
    v128.store(row + i, f32x4.add(f32x4.mul(normal, v128.load(gain + i)), v128.load(bias + i)));
  }
}
