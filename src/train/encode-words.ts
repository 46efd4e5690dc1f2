import type { Tokenizer } from '../text/tokenizer.ts';

/** A sentence as the model reads it. */
export interface EncodedWords {
  /** Token ids, special tokens included. */
  ids: Int32Array;
  /** Index of the first token of each word; -1 where a word has none: it has no character to read, or was cut. */
  firsts: Int32Array;
  /** Whether a token was cut. */
  truncated: boolean;
}

/**
 * Encodes sentences in words as `tokenizers` does with `is_pretokenized`: each word by itself, then the special tokens
 * around all. What does not fit is cut token by token, so that the last word may lose its end.
 *
 * @param maxLength of all tokens
 */
export function wordEncoder(tokenizer: Tokenizer, maxLength: number): (words: readonly string[]) => EncodedWords {
  // The template shows where it puts a text: one that is a token by itself.
  const { ids: around, specialTokensMask } = tokenizer.encode('a', { truncation: false });
  const before = specialTokensMask.indexOf(0);
  const after = around.subarray(specialTokensMask.lastIndexOf(0) + 1);
  const room = maxLength - before - after.length;

  return (words) => {
    const pieces: number[] = [];
    const firsts = new Int32Array(words.length).fill(-1);
    let truncated = false;
    for (let i = 0; i < words.length && !truncated; i++) {
      const left = room - pieces.length;
      // Where no room is left, one token tells whether any is cut.
      const encoding = tokenizer.encode(words[i], { addSpecialTokens: false, maxLength: Math.max(left, 1) });
      truncated = encoding.truncated || encoding.ids.length > left;
      if (left === 0 || encoding.ids.length === 0) continue;
      firsts[i] = before + pieces.length;
      pieces.push(...encoding.ids);
    }
    const ids = new Int32Array(before + pieces.length + after.length);
    ids.set(around.subarray(0, before));
    ids.set(pieces, before);
    ids.set(after, before + pieces.length);
    return { ids, firsts, truncated };
  };
}
