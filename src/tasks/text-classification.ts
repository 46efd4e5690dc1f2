import { DataError, UsageError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Head } from '../model/head.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { checkOptions } from './options.ts';
import { type TaskModel, useHead } from './task-model.ts';
import { asTexts } from './texts.ts';
import { maxTokens, type Reading, textReader, type WindowOptions } from './windows.ts';

const FUNCTIONS = ['softmax', 'sigmoid', 'none'] as const;
export type FunctionToApply = (typeof FUNCTIONS)[number];

export interface TextClassificationOptions extends WindowOptions {
  /** How many labels to give, best first; `null` gives all. Default 1. */
  top_k?: number | null;
  /** What turns logits into scores; by default what the model's configuration implies, as in Python transformers. */
  function_to_apply?: FunctionToApply;
  /**
   * Read a longer text as windows of `max_length` that share this many tokens, in place of cutting it: at most half of
   * `max_length`. More would say nothing new and take ever longer, at 509 of 512 a window for every token.
   */
  stride?: number;
}

export interface LabelScore {
  label: string;
  score: number;
}

/** All that is known of one classified text. */
export interface Classification {
  /** The `top_k` best labels, best first; equal scores keep the order of the label ids. */
  labels: LabelScore[];
  /** Tokens read, special tokens included, over all windows. */
  tokens: number;
  /** Whether the end of the text went unread. */
  truncated: boolean;
}

/**
 * Text to labels, with the options and the output shapes of transformers.js (`TextClassificationPipeline`). A text
 * longer than the model reads is cut; with `stride` it is read as overlapping windows, and the mean of their logits is
 * classified.
 */
export interface TextClassificationPipeline {
  (text: string, options?: TextClassificationOptions): Promise<LabelScore[]>;
  (texts: string | readonly string[], options?: TextClassificationOptions & { top_k?: 1 }): Promise<LabelScore[]>;
  (texts: readonly string[], options: TextClassificationOptions): Promise<LabelScore[][]>;
  (texts: string | readonly string[], options: TextClassificationOptions): Promise<LabelScore[] | LabelScore[][]>;
  /** The same, with how many tokens each text had and whether it was cut. */
  details(texts: readonly string[], options?: TextClassificationOptions): Promise<Classification[]>;
  /**
   * Puts another head, such as one that `trainHead` gave, on the encoder, which stays loaded.
   *
   * @throws UsageError where the head is for tokens, or was made for another encoder
   */
  use(head: Head): void;
  readonly model: TaskModel;
  readonly tokenizer: Tokenizer;
  /** Frees the model's memory; the pipeline cannot be used afterwards. */
  dispose(): Promise<void>;
}

const OPTIONS = ['top_k', 'function_to_apply', 'max_length', 'stride'] as const;

export function textClassification(model: TaskModel, tokenizer: Tokenizer): TextClassificationPipeline {
  if (model.config.head !== 'sequence') {
    throw new DataError(`config.json: expected a model for sequence classification, got head '${model.config.head}'`);
  }

  async function details(
    texts: readonly string[],
    options?: TextClassificationOptions | null,
  ): Promise<Classification[]> {
    const { read, classify } = textClassifier(model, tokenizer, options);
    return classify(asTexts(texts).map(read));
  }

  async function call(input: string | readonly string[], options?: TextClassificationOptions | null) {
    const results = (await details(asTexts(input), options)).map(({ labels }) => labels);
    if (options?.top_k === undefined || options.top_k === 1) return results.flat();
    return typeof input === 'string' ? results[0] : results;
  }

  return Object.assign(call, {
    details,
    use: (head: Head) => useHead(model, head, 'sequence'),
    model,
    tokenizer,
    dispose: async () => model.dispose(),
  }) as TextClassificationPipeline;
}

/** The two halves of a classification: texts are read one by one, and what was read is classified in any batches. */
export interface TextClassifier {
  read(text: string): Reading;
  classify(readings: readonly Reading[]): Classification[];
}

/** @throws UsageError for options out of range */
export function textClassifier(
  model: TaskModel,
  tokenizer: Tokenizer,
  given?: TextClassificationOptions | null,
): TextClassifier {
  const options = checkOptions(given, OPTIONS);
  const { config } = model;
  const apply = options.function_to_apply ?? defaultFunction(config);
  if (!FUNCTIONS.includes(apply)) {
    throw new UsageError(`function_to_apply: expected ${FUNCTIONS.join(', ')}, got ${apply}`);
  }
  const topK = options.top_k === null ? config.labels.length : (options.top_k ?? 1);
  if (!Number.isInteger(topK) || topK < 1) {
    throw new UsageError(`top_k: expected a whole number over 0, or null, got ${topK}`);
  }
  const mostShared = Math.floor((options.max_length ?? maxTokens(tokenizer, config)) / 2);
  if (options.stride !== undefined && options.stride > mostShared) {
    throw new UsageError(`stride: expected at most ${mostShared}, half of max_length, got ${options.stride}`);
  }
  const L = config.labels.length;

  function scoresOf(logits: Float32Array): Float32Array {
    if (apply === 'softmax') return model.softmax(logits, L);
    return apply === 'sigmoid' ? model.sigmoid(logits) : logits;
  }

  return {
    read: textReader(tokenizer, config, options),
    classify(readings) {
      const scores = scoresOf(meanLogits(model, readings));
      return readings.map(({ tokens, truncated }, i) => ({
        labels: best(scores.subarray(i * L, (i + 1) * L), config.labels, topK),
        tokens,
        truncated,
      }));
    },
  };
}

/** The rule of Python transformers' `TextClassificationPipeline.postprocess`. */
function defaultFunction({ problemType, labels }: Pick<ModelConfig, 'problemType' | 'labels'>): FunctionToApply {
  if (problemType === 'regression') return 'none';
  return problemType === 'multi_label_classification' || labels.length === 1 ? 'sigmoid' : 'softmax';
}

/** Logits [B, L]; a text of several windows has their mean, summed in f32 in the order of the windows. */
function meanLogits(model: TaskModel, readings: readonly Reading[]): Float32Array {
  const windows = readings.flatMap((reading) => reading.windows);
  if (windows.length === 0) return new Float32Array(0);
  const logits = model.logits(windows);
  if (windows.length === readings.length) return logits;
  const L = model.config.labels.length;
  const mean = new Float32Array(readings.length * L);
  let at = 0;
  readings.forEach(({ windows: { length } }, i) => {
    for (let label = 0; label < L; label++) {
      let sum = logits[at + label];
      for (let w = 1; w < length; w++) sum = Math.fround(sum + logits[at + w * L + label]);
      mean[i * L + label] = sum / length;
    }
    at += length * L;
  });
  return mean;
}

function best(scores: Float32Array, labels: readonly string[], k: number): LabelScore[] {
  return Array.from(scores, (score, id) => ({ label: labels[id], score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, k);
}
