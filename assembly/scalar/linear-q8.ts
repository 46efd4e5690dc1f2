import { get, set } from './array';

/**
 * q u8 [T, K], rowScale f32 [T], rowZero i32 [T] as quantizeRows leaves them; x f32 [T, K] for its outlier columns
 * i32 [C]; weight i8 [N, K], scale and bias f32 [N], outlierWeight f32 [N, C]; y f32 [T, N]
 */
export function linearQ8(
  q: usize, rowScale: usize, rowZero: usize, x: usize, columns: usize, C: i32, T: i32, K: i32,
  weight: usize, scale: usize, bias: usize, outlierWeight: usize, N: i32, y: usize,
): void {
  for (let t = 0; t < T; t++) {
    const zero = load<i32>(rowZero + (<usize>t << 2));
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) {
        sum += (<i32>load<u8>(q + <usize>(t * K + k)) - zero) * <i32>load<i8>(weight + <usize>(n * K + k));
      }
      let value: f32 = <f32>sum * (get(rowScale, t) * get(scale, n)) + get(bias, n);
      for (let c = 0; c < C; c++) {
        value = value + get(x, t * K + load<i32>(columns + (<usize>c << 2))) * get(outlierWeight, n * C + c);
      }
      set(y, t * N + n, value);
    }
  }
}
