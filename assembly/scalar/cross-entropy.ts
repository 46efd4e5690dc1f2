import { get, set } from './array';
import { expOf } from './exp';
import { logOf } from './log';

/** logits f32 [M, L], stride in elements; targets i32 [M]; weights f32 [L]. Gradient in place, sum of the losses back. */
export function crossEntropy(
  logits: usize, stride: i32, M: i32, L: i32, targets: usize, weights: usize, keep: f32, spread: f32, total: f32,
): f64 {
  const inverse: f32 = 1 / total;
  let loss: f64 = 0;
  for (let m = 0; m < M; m++) {
    const row = logits + (<usize>(m * stride) << 2);
    const target = load<i32>(targets + (<usize>m << 2));
    if (target == -100) {
      for (let c = 0; c < L; c++) set(row, c, 0);
      continue;
    }
    let top: f32 = -Infinity;
    for (let c = 0; c < L; c++) if (get(row, c) > top) top = get(row, c);
    const own: f32 = keep * get(weights, target);
    const allWeights = lanes(0, row, weights, L, 0);
    const sum = lanes(1, row, weights, L, top);
    const weighted = lanes(2, row, weights, L, top);
    const logSum = logOf(sum);
    const rowLoss: f32 = own * (logSum - (get(row, target) - top)) + spread * (allWeights * logSum - weighted);
    loss += <f64>rowLoss;
    const factor: f32 = (own + spread * allWeights) * inverse / sum;
    for (let c = 0; c < L; c++) {
      let gradient: f32 = expOf(get(row, c) - top) * factor - get(weights, c) * (spread * inverse);
      if (c == target) gradient = gradient - own * inverse;
      set(row, c, gradient);
    }
  }
  return loss;
}

/** Sum over a row by partial sums i mod 4: of weights (0), of e^(x - top) (1), of w * (x - top) (2). */
function lanes(what: i32, row: usize, weights: usize, L: i32, top: f32): f32 {
  return lane(what, row, weights, L, top, 0) + lane(what, row, weights, L, top, 1) +
    (lane(what, row, weights, L, top, 2) + lane(what, row, weights, L, top, 3));
}

function lane(what: i32, row: usize, weights: usize, L: i32, top: f32, first: i32): f32 {
  let sum: f32 = 0;
  for (let c = first; c < L; c += 4) {
    const d = get(row, c) - top;
    if (what == 0) sum += get(weights, c);
    else if (what == 1) sum += expOf(d);
    else sum += d * get(weights, c);
  }
  return sum;
}
