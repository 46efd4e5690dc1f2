import { shuffled } from '../random.ts';

/** Batches that are sorted by length together: transformers' LengthGroupedSampler takes as many. */
const BATCHES = 50;

/**
 * A new order of the rows for each epoch in which the rows of a batch are about as long, so that little is padding, and the batches come
 * in any order. All are whole but the last.
 *
 * @param lengths tokens of each row
 * @param batch rows of a step
 */
export function orderByLength(lengths: ArrayLike<number>, batch: number, seed: number, epoch: number): Uint32Array {
  const order = shuffled(lengths.length, seed, epoch);
  const whole = Math.floor(order.length / batch);
  for (let from = 0; from < whole * batch; from += BATCHES * batch) {
    const to = Math.min(from + BATCHES * batch, whole * batch);
    order.subarray(from, to).sort((a, b) => lengths[b] - lengths[a] || a - b);
  }
  const result = order.slice();
  for (const [i, from] of shuffled(whole, seed, epoch).entries()) {
    result.set(order.subarray(from * batch, (from + 1) * batch), i * batch);
  }
  return result;
}
