import { DataError, UsageError } from '../errors.ts';
import type { Head } from '../model/head.ts';
import type { Encoding } from '../text/encoding.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import {
  AGGREGATION_STRATEGIES,
  type AggregationStrategy,
  type EntityGroup,
  groupEntities,
  labelTokens,
  labelWords,
  mergeOverlapping,
  type ScoredToken,
  type TokenEntity,
} from './aggregation.ts';
import { inBatches } from './batches.ts';
import { codePoints } from './code-points.ts';
import { checkOptions } from './options.ts';
import { type TaskModel, useHead } from './task-model.ts';
import { asTexts, kind } from './texts.ts';
import { countTokens, type WindowOptions, windowsOf } from './windows.ts';

export interface TokenClassificationOptions extends WindowOptions {
  /**
   * From labels of tokens to entities. `none` (default) gives every token; `simple` joins neighbours of one type;
   * `first`, `average` and `max` first give all tokens of a word one label: the first token's, that of the best mean
   * score, that of the best score. `stride` takes one of the latter four.
   */
  aggregation_strategy?: AggregationStrategy;
  /** Labels to leave out, as they are without aggregation, without `B-` and `I-` with it. Default `['O']`. */
  ignore_labels?: readonly string[];
}

export const OPTIONS = ['aggregation_strategy', 'ignore_labels', 'max_length', 'stride'] as const;

export type TokenClassification = TokenEntity | EntityGroup;

/**
 * Text to labelled tokens or entities, in order, with the options and the outputs of Python transformers
 * (`TokenClassificationPipeline`) but for offsets, which are in UTF-16 units. One text gives an array, an array of texts
 * one array each. A text longer than the model reads is cut; with `stride` it is read as overlapping windows, and of
 * entities that overlap the longest is kept. Options of the constructor hold where a call gives none.
 */
export interface TokenClassificationPipeline {
  (text: string, options?: TokenClassificationOptions): Promise<TokenClassification[]>;
  (texts: readonly string[], options?: TokenClassificationOptions): Promise<TokenClassification[][]>;
  (
    texts: string | readonly string[],
    options?: TokenClassificationOptions,
  ): Promise<TokenClassification[] | TokenClassification[][]>;
  /**
   * Puts another head, such as one that `trainHead` gave, on the encoder, which stays loaded.
   *
   * @throws UsageError where the head is for sequences, or was made for another encoder
   */
  use(head: Head): void;
  readonly model: TaskModel;
  readonly tokenizer: Tokenizer;
  /** Frees the model's memory; the pipeline cannot be used afterwards. */
  dispose(): Promise<void>;
}

export function tokenClassification(
  model: TaskModel,
  tokenizer: Tokenizer,
  defaults: TokenClassificationOptions = {},
): TokenClassificationPipeline {
  if (model.config.head !== 'token') {
    throw new DataError(`config.json: expected a model for token classification, got head '${model.config.head}'`);
  }
  const unknown = unknownId(tokenizer);
  const classifier = (options: TokenClassificationOptions) =>
    tokenClassifier(
      model,
      tokenizer,
      {
        aggregation_strategy: options.aggregation_strategy ?? defaults.aggregation_strategy,
        ignore_labels: options.ignore_labels ?? defaults.ignore_labels,
        max_length: options.max_length ?? defaults.max_length,
        stride: options.stride ?? defaults.stride,
      },
      unknown,
    );
  classifier({}); // checks the defaults

  async function call(input: string | readonly string[], options?: TokenClassificationOptions) {
    const texts = asTexts(input);
    const { read, classify } = classifier(checkOptions(options, OPTIONS));
    const results: TokenClassification[][] = [];
    // What is known of every token would be held for all texts at once otherwise.
    for (const batch of inBatches(texts, read)) results.push(...classify(batch));
    return typeof input === 'string' ? results[0] : results;
  }

  return Object.assign(call, {
    use: (head: Head) => useHead(model, head, 'token'),
    model,
    tokenizer,
    dispose: async () => model.dispose(),
  }) as TokenClassificationPipeline;
}

/** One text as the model reads it. */
export interface TokenReading {
  text: string;
  windows: Encoding[];
  /** Tokens over all windows. */
  tokens: number;
}

/** The two halves of a classification: texts are read one by one, and what was read is classified in any batches. */
export interface TokenClassifier {
  read(text: string): TokenReading;
  classify(readings: readonly TokenReading[]): TokenClassification[][];
}

/**
 * @param unknown id of the unknown token; to find it takes 17 ms with 30,000 tokens
 * @throws UsageError for options out of range
 */
export function tokenClassifier(
  model: TaskModel,
  tokenizer: Tokenizer,
  {
    aggregation_strategy: strategy = 'none',
    ignore_labels: ignored = ['O'],
    max_length,
    stride,
  }: TokenClassificationOptions,
  unknown = unknownId(tokenizer),
): TokenClassifier {
  if (!AGGREGATION_STRATEGIES.includes(strategy)) {
    throw new UsageError(`aggregation_strategy: expected ${AGGREGATION_STRATEGIES.join(', ')}, got ${strategy}`);
  }
  if (!Array.isArray(ignored)) throw new UsageError(`ignore_labels: expected an array, got ${kind(ignored)}`);
  if (stride !== undefined && strategy === 'none') {
    throw new UsageError('stride: expected an aggregation_strategy with it, got none');
  }
  const encode = windowsOf(tokenizer, model.config, { max_length, stride });

  function scoredTokens(text: string, { ids, offsets, specialTokensMask }: Encoding, logits: Float32Array) {
    const L = model.config.labels.length;
    const scores = model.softmax(logits, L);
    const tokens: ScoredToken[] = [];
    for (let index = 0; index < ids.length; index++) {
      if (specialTokensMask[index]) continue;
      const start = offsets[2 * index];
      const end = offsets[2 * index + 1];
      const inText = text.slice(start, end);
      const inVocabulary = tokenizer.idToToken(ids[index]) as string;
      const known = ids[index] !== unknown;
      tokens.push({
        word: known ? inVocabulary : inText,
        scores: scores.subarray(index * L, (index + 1) * L),
        start,
        end,
        index,
        // The rule of transformers: the prefix is what makes a token longer than its text.
        isSubword: known && codePoints(inVocabulary) !== codePoints(inText),
      });
    }
    return tokens;
  }

  return {
    read(text) {
      const windows = encode(text);
      return { text, windows, tokens: countTokens(windows) };
    },
    classify(readings) {
      const { labels } = model.config;
      const logits = model.tokenLogits(readings.flatMap(({ windows }) => windows.map(({ ids }) => ids)));
      let next = 0;
      return readings.map(({ text, windows }): TokenClassification[] => {
        const tokens = windows.map((window) => scoredTokens(text, window, logits[next++]));
        if (strategy === 'none') {
          return labelTokens(tokens[0], labels).filter(({ entity }) => !ignored.includes(entity));
        }
        const groups = tokens.flatMap((window) => {
          const labelled = strategy === 'simple' ? labelTokens(window, labels) : labelWords(window, labels, strategy);
          return groupEntities(labelled).filter(({ entity_group }) => !ignored.includes(entity_group));
        });
        return windows.length > 1 ? mergeOverlapping(groups, text) : groups;
      });
    },
  };
}

/** The id of what no piece of the vocabulary spells; only the tokenizer's file names it. */
function unknownId(tokenizer: Tokenizer): number | undefined {
  const { model } = tokenizer.toJSON() as { model: { unk_token: string } };
  return tokenizer.tokenToId(model.unk_token);
}
