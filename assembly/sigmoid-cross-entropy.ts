import { exp } from './exp';
import { lanesBelow, sumLanes } from './lanes';
import { log } from './log';

/**
 * Binary cross-entropy of sigmoid(logits) for labels that do not exclude each other (torch's
 * binary_cross_entropy_with_logits), and its gradient in place of the logits:
 *
 *   loss      = max(x, 0) - x t + log(1 + e^-|x|)
 *   d logits  = (sigmoid(x) - t) / total
 *
 *   logits   f32 [M, L], row stride rowBytes, a multiple of 16; what lies past L in a row becomes 0
 *   targets  f32 [M, L] at the same stride, from 0 to 1
 *   total    M L for the mean
 *
 * Returns the sum of the losses. Within a row element i goes into partial sum i mod 4; rows add up in f64.
 */
export function sigmoidCrossEntropy(
  logits: usize, rowBytes: usize, M: i32, L: i32, targets: usize, total: f32,
): f64 {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  const inverse = f32x4.splat(<f32>1 / total);
  let loss: f64 = 0;
  for (let m: usize = 0; m < <usize>M; m++) {
    const row = logits + m * rowBytes, other = targets + m * rowBytes;
    let sums = zero;
    for (let i: usize = 0, left = L; i < rowBytes; i += 16, left -= 4) {
      const mask = lanesBelow(left);
      const x = v128.load(row + i), t = v128.load(other + i);
      const e = exp(f32x4.neg(f32x4.abs(x)));
      const u = f32x4.add(one, e);
      // What 1 + e lost of e by rounding, over u, is what log u lacks of log(1 + e).
      const log1p = f32x4.add(log(u), f32x4.div(f32x4.sub(e, f32x4.sub(u, one)), u));
      const value = f32x4.add(f32x4.sub(f32x4.pmax(x, zero), f32x4.mul(x, t)), log1p);
      sums = f32x4.add(sums, v128.and(value, mask));
      const sigmoid = f32x4.div(v128.bitselect(one, e, f32x4.ge(x, zero)), u);
      v128.store(row + i, v128.and(f32x4.mul(f32x4.sub(sigmoid, t), inverse), mask));
    }
    loss += <f64>sumLanes(sums);
  }
  return loss;
}
