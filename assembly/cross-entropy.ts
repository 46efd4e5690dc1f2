import { exp } from './exp';
import { lanesBelow, maxLanes, sumLanes } from './lanes';
import { log } from './log';

/** The label of a row that has none, as in torch. */
const IGNORED: i32 = -100;

/**
 * Cross-entropy of softmax(logits), with label smoothing (Szegedy et al. 2016) and class weights as
 * torch.nn.functional.cross_entropy combines them, and its gradient in place of the logits:
 *
 *   loss[m]     = keep * w[y] * -log p[y] + spread * (sum over c of w[c] * -log p[c])
 *   d logits    = d (sum of loss[m] / total)
 *
 *   logits   f32 [M, L], row stride rowBytes, a multiple of 16; what lies past L in a row becomes 0
 *   targets  i32 [M], each below L, or -100: no loss, no gradient
 *   weights  f32 [rowBytes / 4], 0 past L
 *   keep     1 - smoothing;  spread  smoothing / L
 *   total    what the sum is divided by: w[y] summed over the rows that have a label
 *
 * Returns the sum of the losses. Within a row element i goes into partial sum i mod 4; rows add up in f64. A logit that
 * is NaN or Infinity makes it NaN.
 */
export function crossEntropy(
  logits: usize, rowBytes: usize, M: i32, L: i32, targets: usize, weights: usize, keep: f32, spread: f32, total: f32,
): f64 {
  const inverse = <f32>1 / total;
  const share = f32x4.splat(spread * inverse);
  let sums = f32x4.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 16) sums = f32x4.add(sums, v128.load(weights + i));
  const allWeights = sumLanes(sums);
  let loss: f64 = 0;
  for (let m: usize = 0; m < <usize>M; m++) {
    const row = logits + m * rowBytes;
    const target = load<i32>(targets + (m << 2));
    if (target == IGNORED) {
      memory.fill(row, 0, rowBytes);
      continue;
    }
    const column = <usize>target << 2;
    const own = keep * load<f32>(weights + column);
    const all = spread * allWeights;

    const top = highest(row, rowBytes, L);
    const distance = load<f32>(row + column) - top;
    // In place of the logits: e^(logit - top). Beside it their sum, and that of w * (logit - top), which is NaN where a
    // logit is NaN or Infinity, and the loss with it.
    let powers = f32x4.splat(0), weighted = powers;
    const tops = f32x4.splat(top);
    for (let i: usize = 0, left = L; i < rowBytes; i += 16, left -= 4) {
      const mask = lanesBelow(left);
      const d = v128.and(f32x4.sub(v128.load(row + i), tops), mask);
      const e = v128.and(exp(d), mask);
      v128.store(row + i, e);
      powers = f32x4.add(powers, e);
      weighted = f32x4.add(weighted, f32x4.mul(d, v128.load(weights + i)));
    }
    const sum = sumLanes(powers);
    const logSum = f32x4.extract_lane(log(f32x4.splat(sum)), 0);
    loss += <f64>(own * (logSum - distance) + spread * (allWeights * logSum - sumLanes(weighted)));

    const factor = f32x4.splat((own + all) * inverse / sum);
    for (let i: usize = 0; i < rowBytes; i += 16) {
      const p = f32x4.mul(v128.load(row + i), factor);
      v128.store(row + i, f32x4.sub(p, f32x4.mul(v128.load(weights + i), share)));
    }
    store<f32>(row + column, load<f32>(row + column) - own * inverse);
  }
  return loss;
}

// @ts-ignore: decorator
@inline
function highest(row: usize, rowBytes: usize, L: i32): f32 {
  const least = f32x4.splat(-Infinity);
  let most = least;
  for (let i: usize = 0, left = L; i < rowBytes; i += 16, left -= 4) {
    most = f32x4.pmax(most, v128.bitselect(v128.load(row + i), least, lanesBelow(left)));
  }
  return maxLanes(most);
}
