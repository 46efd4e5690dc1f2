import type { AddedToken } from './added-tokens.ts';
import type { NormalizerOptions } from './normalizer.ts';
import type { Template } from './template.ts';
import type { Vocabulary } from './vocabulary.ts';
import type { WordPieceOptions } from './word-piece.ts';

/** What a tokenizer is made of, whichever files it comes from. */
export interface TokenizerParts {
  readonly vocabulary: Vocabulary;
  readonly wordPiece: WordPieceOptions;
  readonly normalizer: NormalizerOptions;
  readonly added: readonly AddedToken[];
  readonly single: Template;
  readonly pair: Template;
  /** Most tokens of a sequence, `Infinity` where the files name no limit. */
  readonly modelMaxLength: number;
}
