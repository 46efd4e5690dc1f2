import { DataError, UsageError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Encoding } from '../text/encoding.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

/** [CLS], one token, [SEP]. */
const LEAST = 3;

export interface WindowOptions {
  /** Tokens the model reads at once, [CLS] and [SEP] included; by default all that model and tokenizer take. */
  max_length?: number;
  /** Read a longer text as windows of `max_length` that share this many tokens, in place of cutting it. */
  stride?: number;
}

/** One text as the model reads it. */
export interface Reading {
  /** Token ids of one window each, special tokens included; more than one only with `stride`. */
  windows: Int32Array[];
  /** Tokens over all windows. */
  tokens: number;
  /** Whether the end of the text went unread. */
  truncated: boolean;
}

/** Most tokens of one window: what the tokenizer's configuration says, and never more than there are positions. */
export function maxTokens(
  tokenizer: Pick<Tokenizer, 'modelMaxLength'>,
  config: Pick<ModelConfig, 'positions'>,
): number {
  const limit = Math.min(tokenizer.modelMaxLength, config.positions);
  if (limit < LEAST) throw new DataError(`model: expected room for at least ${LEAST} tokens, got ${limit}`);
  return limit;
}

/**
 * How to cut a text to the model's length or, with `stride`, into overlapping windows; the options are checked once. An
 * empty text is [CLS] [SEP].
 */
export function windowsOf(
  tokenizer: Pick<Tokenizer, 'encode' | 'modelMaxLength'>,
  config: Pick<ModelConfig, 'positions'>,
  options: WindowOptions,
): (text: string) => Encoding[] {
  const limit = maxTokens(tokenizer, config);
  const maxLength = options.max_length ?? limit;
  const { stride } = options;
  if (!Number.isInteger(maxLength) || maxLength < LEAST || maxLength > limit) {
    throw new UsageError(`max_length: expected a whole number from ${LEAST} to ${limit}, got ${maxLength}`);
  }
  if (stride !== undefined && (!Number.isInteger(stride) || stride < 0 || stride > maxLength - LEAST)) {
    throw new UsageError(`stride: expected a whole number from 0 to ${maxLength - LEAST}, got ${stride}`);
  }
  return (text) => {
    const encoding = tokenizer.encode(text, { maxLength, stride });
    return [encoding, ...encoding.overflowing];
  };
}

/** The ids of {@link windowsOf}. */
export function textReader(
  tokenizer: Pick<Tokenizer, 'encode' | 'modelMaxLength'>,
  config: Pick<ModelConfig, 'positions'>,
  options: WindowOptions,
): (text: string) => Reading {
  const encode = windowsOf(tokenizer, config, options);
  return (text) => {
    const encodings = encode(text);
    return {
      windows: encodings.map(({ ids }) => ids),
      tokens: countTokens(encodings),
      truncated: options.stride === undefined && encodings[0].truncated,
    };
  };
}

/** The same for each text. */
export function readTexts(
  tokenizer: Pick<Tokenizer, 'encode' | 'modelMaxLength'>,
  config: Pick<ModelConfig, 'positions'>,
  texts: readonly string[],
  options: WindowOptions,
): Reading[] {
  return texts.map(textReader(tokenizer, config, options));
}

export function countTokens(windows: readonly Encoding[]): number {
  return windows.reduce((sum, { ids }) => sum + ids.length, 0);
}
