import type { HeadSide } from './head-sides.ts';

export interface HeadComparison {
  /** Relative L2 of the gradient of each tensor at the start. */
  gradients: { tensor: string; difference: number }[];
  /** Loss of every step, on each side. */
  losses: [first: number, second: number][];
  /** Relative L2 of the losses. */
  loss: number;
  /** Relative L2 of all weights together after the last step, and of each tensor. */
  weights: number;
  tensors: { tensor: string; difference: number }[];
}

/**
 * Trains a head on both paths from one start.
 *
 * @param batches rows of each step
 */
export async function compareHeads(
  first: HeadSide,
  second: HeadSide,
  batches: readonly (readonly number[])[],
  learningRate: number,
): Promise<HeadComparison> {
  const gradients = await byTensor(first.gradients(batches[0]), second.gradients(batches[0]));
  const losses: [number, number][] = [];
  for (const [i, rows] of batches.entries()) {
    losses.push([await first.step(rows, i + 1, learningRate), await second.step(rows, i + 1, learningRate)]);
  }
  const [ours, theirs] = [await first.weights(), await second.weights()];
  const pairs = [...theirs].map(([name, values]) => [ours.get(name) as Float32Array, values] as const);
  return {
    gradients,
    losses,
    loss: relative([[losses.map(([ours]) => ours), losses.map(([, theirs]) => theirs)]]),
    weights: relative(pairs),
    tensors: await byTensor(Promise.resolve(ours), Promise.resolve(theirs)),
  };
}

type Tensors = ReadonlyMap<string, Float32Array>;

async function byTensor(first: Promise<Tensors>, second: Promise<Tensors>) {
  const [ours, theirs] = [await first, await second];
  return [...theirs].map(([tensor, values]) => ({
    tensor,
    difference: relative([[ours.get(tensor) as Float32Array, values]]),
  }));
}

/** |actual - expected| / |expected| of all together; 0 where they are equal, be they all zeros. */
function relative(pairs: readonly (readonly [actual: ArrayLike<number>, expected: ArrayLike<number>])[]): number {
  let [difference, norm] = [0, 0];
  for (const [actual, expected] of pairs) {
    for (let i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) ** 2;
      norm += expected[i] ** 2;
    }
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
