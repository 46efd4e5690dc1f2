import { get, set } from './array';
import { expOf } from './exp';
import { logOf } from './log';

/** logits, targets f32 [M, L], stride in elements. Gradient in place, sum of the losses back. */
export function sigmoidCrossEntropy(logits: usize, stride: i32, M: i32, L: i32, targets: usize, total: f32): f64 {
  const inverse: f32 = 1 / total;
  let loss: f64 = 0;
  for (let m = 0; m < M; m++) {
    let sum0: f32 = 0, sum1: f32 = 0, sum2: f32 = 0, sum3: f32 = 0;
    for (let c = 0; c < L; c++) {
      const x = get(logits, m * stride + c), t = get(targets, m * stride + c);
      const e = expOf(-abs<f32>(x));
      const u: f32 = 1 + e;
      const log1p: f32 = logOf(u) + (e - (u - 1)) / u;
      const value: f32 = (x < 0 ? 0 : x) - x * t + log1p;
      switch (c & 3) {
        case 0: sum0 += value; break;
        case 1: sum1 += value; break;
        case 2: sum2 += value; break;
        default: sum3 += value;
      }
      const sigmoid: f32 = (x >= 0 ? <f32>1 : e) / u;
      set(logits, m * stride + c, (sigmoid - t) * inverse);
    }
    loss += <f64>(sum0 + sum1 + (sum2 + sum3));
  }
  return loss;
}
