import type { ModelConfig } from '../model/config.ts';
import { maxTokens, windowsOf } from '../tasks/windows.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { wordEncoder } from './encode-words.ts';
import type { RowKind, SequenceRow, TokenRow } from './rows.ts';

/** A row as the encoder reads it, and the tokens whose vectors are wanted. */
export interface Reading {
  ids: Int32Array;
  /** Index of the first token of each word, -1 where it has none; absent for a text, which is pooled. */
  firsts?: Int32Array;
  truncated: boolean;
}

/**
 * How rows of a kind are read. Sentences are aligned as Hugging Face's guide to token classification does: the first token of a word
 * has its label, and the others none.
 *
 * @param maxLength tokens of a row, special tokens included; longer rows are cut
 * @throws UsageError where `maxLength` is out of range
 */
export function rowReader(
  { model: { config }, tokenizer }: { model: { config: ModelConfig }; tokenizer: Tokenizer },
  kind: RowKind,
  maxLength: number | undefined,
): (row: SequenceRow | TokenRow) => Reading {
  // Checks the length in either case.
  const encode = windowsOf(tokenizer, config, { max_length: maxLength });
  if (kind !== 'token') return (row) => encode((row as SequenceRow).text)[0];
  const encodeWords = wordEncoder(tokenizer, maxLength ?? maxTokens(tokenizer, config));
  return (row) => encodeWords((row as TokenRow).tokens);
}
