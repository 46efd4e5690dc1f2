import { meanRows, normalizeRows } from '../engine/pooling.ts';
import { UsageError } from '../errors.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { inBatches } from './batches.ts';
import { FloatTensor } from './float-tensor.ts';
import { checkOptions } from './options.ts';
import type { TaskModel } from './task-model.ts';
import { asTexts } from './texts.ts';
import { readTexts } from './windows.ts';

const POOLINGS = ['none', 'mean', 'cls'] as const;
export type Pooling = (typeof POOLINGS)[number];

export interface FeatureExtractionOptions {
  /** `none` (default) keeps every token, `mean` takes the mean of all tokens, `cls` the first token. */
  pooling?: Pooling;
  /** Scale every vector to length 1. Default false. */
  normalize?: boolean;
  /** Tokens to read of each text, special tokens included; by default as many as the model takes. */
  max_length?: number;
}

/**
 * Text to the vectors of the last layer, with the options and output shapes of transformers.js
 * (`FeatureExtractionPipeline`): [B, D] pooled; [B, T, D] with `pooling: 'none'`, where T is the longest text's and
 * shorter ones end in zeros. One text is B = 1.
 */
export interface FeatureExtractionPipeline {
  (texts: string | readonly string[], options?: FeatureExtractionOptions): Promise<FloatTensor>;
  readonly model: TaskModel;
  readonly tokenizer: Tokenizer;
  /** Frees the model's memory; the pipeline cannot be used afterwards. */
  dispose(): Promise<void>;
}

const OPTIONS = ['pooling', 'normalize', 'max_length'] as const;

export function featureExtraction(model: TaskModel, tokenizer: Tokenizer): FeatureExtractionPipeline {
  async function call(
    input: string | readonly string[],
    options?: FeatureExtractionOptions | null,
  ): Promise<FloatTensor> {
    const { pooling = 'none', normalize = false, max_length } = checkOptions(options, OPTIONS);
    if (!POOLINGS.includes(pooling)) throw new UsageError(`pooling: expected ${POOLINGS.join(', ')}, got ${pooling}`);
    const D = model.config.dim;
    const sequences = readTexts(tokenizer, model.config, asTexts(input), { max_length }).map(
      ({ windows }) => windows[0],
    );
    const rows = pooling === 'none' ? sequences.reduce((most, { length }) => Math.max(most, length), 0) : 1;
    const data = new Float32Array(sequences.length * rows * D);
    let text = 0;
    // The states [T, D] of each text would be held for all texts at once otherwise.
    for (const batch of inBatches(sequences, (ids) => ({ ids, tokens: ids.length }))) {
      for (const hidden of model.hiddenStates(batch.map(({ ids }) => ids))) {
        const vectors = pooling === 'none' ? hidden : pooling === 'mean' ? meanRows(hidden, D) : hidden.subarray(0, D);
        data.set(vectors, text++ * rows * D);
      }
    }
    if (normalize) normalizeRows(data, D);
    return new FloatTensor(pooling === 'none' ? [sequences.length, rows, D] : [sequences.length, D], data);
  }

  return Object.assign(call, { model, tokenizer, dispose: async () => model.dispose() });
}
