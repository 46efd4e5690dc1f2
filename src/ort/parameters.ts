import type { ModelConfig } from '../model/config.ts';
import { encoderLinears, expectedTensors, headTensors } from '../model/names.ts';

/** A tensor of the model, in the form in which the graphs hold it. */
export interface Parameter {
  /** Canonical. */
  name: string;
  /** In the graph: [K, N] for the weight of a linear layer, which is [N, K] in Hugging Face's files. */
  shape: readonly number[];
  transposed: boolean;
  /** Whether weight decay applies: to weights, not to biases nor LayerNorm, as in transformers. */
  decays: boolean;
  /** Whether it belongs to the head. */
  head: boolean;
}

/** All parameters of a Hugging Face model, in the order of model/names.ts. */
export function parametersOf(config: ModelConfig): Parameter[] {
  const heads = headTensors(config);
  const linears = new Set([...encoderLinears(config).map(({ name }) => `${name}.weight`), ...heads.keys()]);
  return [...expectedTensors(config)].map(([name, shape]) => {
    const transposed = linears.has(name) && name.endsWith('.weight');
    return {
      name,
      shape: transposed ? [shape[1], shape[0]] : shape,
      transposed,
      decays: name.endsWith('.weight') && !/layer_?norm/i.test(name),
      head: heads.has(name),
    };
  });
}

export function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Values as the graph holds them, from Hugging Face's, or back: both ways are the one transposition. */
export function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}
