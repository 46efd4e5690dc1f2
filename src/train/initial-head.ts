import { Head, type HeadConfig, headShapes } from '../model/head.ts';
import { philox, STREAMS } from './random.ts';

/** Half the width of a uniform distribution with the variance of transformers' N(0, 0.02), which takes log and cos. */
const LIMIT = 0.02 * Math.sqrt(3);

/**
 * A head before training: weights uniform, from Philox blocks (block, index of the tensor, 0, 0) in row-major order,
 * biases 0.
 *
 * @param seed u32
 */
export function initialHead(config: HeadConfig, seed: number): Head {
  const tensors = new Map<string, Float32Array>();
  for (const [name, shape] of headShapes(config)) {
    const values = new Float32Array(shape.reduce((a, b) => a * b));
    if (name.endsWith('.weight')) fill(values, tensors.size, seed);
    tensors.set(name, values);
  }
  return new Head(config, tensors);
}

function fill(values: Float32Array, tensor: number, seed: number): void {
  for (let i = 0; i < values.length; i += 4) {
    const words = philox([i / 4, tensor, 0, 0], [seed, STREAMS.initialWeights]);
    for (let j = 0; j < 4 && i + j < values.length; j++) {
      // From the middle of each of the 2^32 parts of -1 .. 1.
      values[i + j] = ((words[j] + 0.5) / 2 ** 31 - 1) * LIMIT;
    }
  }
}
