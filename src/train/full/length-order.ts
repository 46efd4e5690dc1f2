import { shuffled } from '../random.ts';

/** Batches that are sorted by length together, and the least number of such groups: as transformers' LengthGroupedSampler has them. */
const BATCHES = 50;
const GROUPS = 4;

/**
 * A new order of the rows for each epoch in which the rows of a batch are about as long, so that little is padding, and the batches come
 * in any order. All are whole but the last. Rows of one length stay shuffled: by their place in the file, those of one label would come together.
 *
 * @param lengths tokens of each row
 * @param batch rows of a step
 * @param together steps of a run, which are padded to one length: their batches stay side by side
 */
export function orderByLength(
  lengths: ArrayLike<number>,
  batch: number,
  seed: number,
  epoch: number,
  together = 1,
): Uint32Array {
  const order = shuffled(lengths.length, seed, epoch);
  const whole = Math.floor(order.length / batch);
  const group = Math.max(1, Math.min(Math.floor(whole / GROUPS), BATCHES * together)) * batch;
  for (let from = 0; from < whole * batch; from += group) {
    const to = Math.min(from + group, whole * batch);
    order.subarray(from, to).sort((a, b) => lengths[b] - lengths[a]);
  }
  const run = together * batch;
  const runs = Math.floor(whole / together);
  const result = order.slice();
  for (const [i, from] of shuffled(runs, seed, epoch).entries()) {
    result.set(order.subarray(from * run, (from + 1) * run), i * run);
  }
  return result;
}
