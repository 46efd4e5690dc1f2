import { largestColumns } from '../model/quantizer.ts';
import type { Model } from './model.ts';

/**
 * Finds the outlier columns of each linear layer's input: the `count` columns that reach the largest magnitude while an
 * f32 model reads `sequences` of ids. Ten sentences of other text suffice (LLM.int8(), Dettmers et al. 2022, has the idea;
 * there a threshold chooses at run time).
 *
 * @returns columns, ascending, by the `input` names of `encoderLinears`
 */
export function calibrate(model: Model, sequences: Iterable<ArrayLike<number>>, count: number): Map<string, number[]> {
  const magnitudes = new Map<string, Float32Array>();
  for (const ids of sequences) {
    model.observeInputs(ids, (input, rows, K) => {
      const largest = magnitudes.get(input) ?? new Float32Array(K);
      magnitudes.set(input, largest);
      for (let i = 0; i < rows.length; i++) largest[i % K] = Math.max(largest[i % K], Math.abs(rows[i]));
    });
  }
  return new Map(Array.from(magnitudes, ([input, largest]) => [input, largestColumns(largest, count)]));
}
