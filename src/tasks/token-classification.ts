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
import { codePoints } from './code-points.ts';
import { checkOptions } from './options.ts';
import { type TaskModel, useHead } from './task-model.ts';
import { asTexts, kind } from './texts.ts';
import { type WindowOptions, windowsOf } from './windows.ts';

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

/** Texts a call of the engine: what is known of every token would be held for all texts at once otherwise. */
const TEXTS_A_CALL = 32;

export function tokenClassification(
  model: TaskModel,
  tokenizer: Tokenizer,
  defaults: TokenClassificationOptions = {},
): TokenClassificationPipeline {
  if (model.config.head !== 'token') {
    throw new DataError(`config.json: expected a model for token classification, got head '${model.config.head}'`);
  }
  const unknown = unknownId(tokenizer);

  /** Options with nothing left open, checked; and how they cut a text. */
  function settle(options: TokenClassificationOptions) {
    const strategy = options.aggregation_strategy ?? defaults.aggregation_strategy ?? 'none';
    if (!AGGREGATION_STRATEGIES.includes(strategy)) {
      throw new UsageError(`aggregation_strategy: expected ${AGGREGATION_STRATEGIES.join(', ')}, got ${strategy}`);
    }
    const ignored = options.ignore_labels ?? defaults.ignore_labels ?? ['O'];
    if (!Array.isArray(ignored)) throw new UsageError(`ignore_labels: expected an array, got ${kind(ignored)}`);
    const stride = options.stride ?? defaults.stride;
    if (stride !== undefined && strategy === 'none') {
      throw new UsageError('stride: expected an aggregation_strategy with it, got none');
    }
    const encode = windowsOf(tokenizer, model.config, {
      max_length: options.max_length ?? defaults.max_length,
      stride,
    });
    return { strategy, ignored, encode };
  }
  settle({});

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

  function classify(texts: readonly string[], { strategy, ignored, encode }: ReturnType<typeof settle>) {
    const { labels } = model.config;
    const encodings = texts.map(encode);
    const logits = model.tokenLogits(encodings.flatMap((each) => each.map(({ ids }) => ids)));
    let next = 0;
    return encodings.map((windows, i): TokenClassification[] => {
      const tokens = windows.map((window) => scoredTokens(texts[i], window, logits[next++]));
      if (strategy === 'none') {
        return labelTokens(tokens[0], labels).filter(({ entity }) => !ignored.includes(entity));
      }
      const groups = tokens.flatMap((window) => {
        const labelled = strategy === 'simple' ? labelTokens(window, labels) : labelWords(window, labels, strategy);
        return groupEntities(labelled).filter(({ entity_group }) => !ignored.includes(entity_group));
      });
      return windows.length > 1 ? mergeOverlapping(groups, texts[i]) : groups;
    });
  }

  async function call(input: string | readonly string[], options?: TokenClassificationOptions) {
    const texts = asTexts(input);
    const settled = settle(checkOptions(options, OPTIONS));
    const results: TokenClassification[][] = [];
    for (let first = 0; first < texts.length; first += TEXTS_A_CALL) {
      results.push(...classify(texts.slice(first, first + TEXTS_A_CALL), settled));
    }
    return typeof input === 'string' ? results[0] : results;
  }

  return Object.assign(call, {
    use: (head: Head) => useHead(model, head, 'token'),
    model,
    tokenizer,
    dispose: async () => model.dispose(),
  }) as TokenClassificationPipeline;
}

/** The id of what no piece of the vocabulary spells; only the tokenizer's file names it. */
function unknownId(tokenizer: Tokenizer): number | undefined {
  const { model } = tokenizer.toJSON() as { model: { unk_token: string } };
  return tokenizer.tokenToId(model.unk_token);
}
