import { DataError, UsageError } from '../errors.ts';
import { show } from '../model/json.ts';
import { type AddedToken, TokenFinder } from './added-tokens.ts';
import { type Aligned, endOf, startOf } from './aligned.ts';
import { type Encoding, Pieces, type Window } from './encoding.ts';
import { Normalizer } from './normalizer.ts';
import type { TokenizerParts } from './parts.ts';
import { eachWord } from './pre-tokenizer.ts';
import { addedBy, fill, type Template } from './template.ts';
import { parseTokenizerJson, toTokenizerJson } from './tokenizer-json.ts';
import { budget, checkWindows, type TruncationStrategy, windowBounds } from './truncation.ts';
import { parseVocabTxt } from './vocab-txt.ts';
import { VOCABULARY_LIMIT } from './vocabulary.ts';
import { WordPiece } from './word-piece.ts';

export interface EncodeOptions {
  /** The second text of a pair. */
  readonly pair?: string;
  /** Whether the template's special tokens are added; `true`. */
  readonly addSpecialTokens?: boolean;
  /** Whether and how to cut to `maxLength`; `true` is `'longest_first'`, the default. */
  readonly truncation?: boolean | TruncationStrategy;
  /** Most tokens, special ones included; `modelMaxLength`. */
  readonly maxLength?: number;
  /** Tokens that neighbouring windows share: what does not fit goes into `overflowing`. Without it, that is dropped. */
  readonly stride?: number;
}

/** Longest added token, in UTF-16 units, and the sum of all: time grows with the first, memory with the second. */
const ADDED_LENGTH_LIMIT = 256;
const ADDED_TOTAL_LIMIT = 200_000;

/**
 * BERT's tokenizer: ids and offsets equal to those of Hugging Face `tokenizers` 0.23, in every JavaScript engine.
 * Time is linear in the length of the text. A lone surrogate, which Python cannot encode, is read as U+FFFD: cleaning
 * the text removes it.
 */
export class Tokenizer {
  /** 1 + the largest id. */
  readonly vocabSize: number;
  /** Most tokens of a sequence, special ones included; `Infinity` where the files name no limit. */
  readonly modelMaxLength: number;
  readonly #parts: TokenizerParts;
  /** The templates without their special tokens. */
  readonly #bare: { readonly single: Template; readonly pair: Template };
  readonly #normalizer: Normalizer;
  readonly #wordPiece: WordPiece;
  readonly #added = new Map<string, AddedToken>();
  readonly #addedById = new Map<number, AddedToken>();
  readonly #inText = new TokenFinder();
  readonly #inNormalized = new TokenFinder();

  private constructor(parts: TokenizerParts, name: string) {
    this.#parts = parts;
    this.#bare = {
      single: parts.single.filter((part) => 'sequence' in part),
      pair: parts.pair.filter((part) => 'sequence' in part),
    };
    this.#normalizer = new Normalizer(parts.normalizer);
    this.#wordPiece = new WordPiece(parts.vocabulary, parts.wordPiece, name);
    let size = parts.vocabulary.size;
    let total = 0;
    for (const token of parts.added) {
      total += token.content.length;
      this.#add(token, `${name} added token ${show(token.content.slice(0, 40))}`);
      size = Math.max(size, token.id + 1);
    }
    if (total > ADDED_TOTAL_LIMIT) {
      throw new DataError(
        `${name} added tokens: expected at most ${ADDED_TOTAL_LIMIT} characters in all, got ${total}`,
      );
    }
    this.vocabSize = size;
    this.modelMaxLength = parts.modelMaxLength;
  }

  /**
   * From a parsed tokenizer.json (WordPiece with BertNormalizer, BertPreTokenizer and TemplateProcessing or
   * BertProcessing) and, for `model_max_length`, tokenizer_config.json. Anything else is a {@link DataError} that
   * begins with `name`.
   */
  static fromJSON(tokenizerJson: unknown, config?: unknown, name = 'tokenizer.json'): Tokenizer {
    return new Tokenizer(parseTokenizerJson(tokenizerJson, config, name), name);
  }

  /** From the text of a vocab.txt and a parsed tokenizer_config.json. */
  static fromVocab(vocabTxt: string, config?: unknown, name = 'vocab.txt'): Tokenizer {
    return new Tokenizer(parseVocabTxt(vocabTxt, config, name), name);
  }

  tokenToId(token: string): number | undefined {
    return this.#added.get(token)?.id ?? this.#parts.vocabulary.ids.get(token);
  }

  idToToken(id: number): string | undefined {
    return this.#addedById.get(id)?.content ?? this.#parts.vocabulary.tokens[id];
  }

  /** A tokenizer.json that Python `tokenizers` loads, also for a tokenizer from vocab.txt. */
  toJSON(): unknown {
    return toTokenizerJson(this.#parts);
  }

  /** Tokens of a text or a pair. Every string has a result; a {@link UsageError} is about the options. */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    const { pair, addSpecialTokens = true, truncation = true, maxLength = this.modelMaxLength, stride } = options;
    const texts = pair === undefined ? [text] : [text, pair];
    for (const each of texts) {
      if (typeof each !== 'string')
        throw new UsageError(`text: expected a string, got ${each === null ? each : typeof each}`);
    }
    const kind = pair === undefined ? 'single' : 'pair';
    const template = (addSpecialTokens ? this.#parts : this.#bare)[kind];
    const least = addedBy(template) + texts.length;
    const room = truncation === false ? Infinity : maxLength - addedBy(template);
    if (truncation !== false && !(maxLength >= least && (Number.isInteger(maxLength) || maxLength === Infinity))) {
      throw new UsageError(`maxLength: expected an integer of at least ${least}, got ${maxLength}`);
    }
    if (stride !== undefined && !(Number.isInteger(stride) && stride >= 0)) {
      throw new UsageError(`stride: expected an integer of at least 0, got ${stride}`);
    }

    // Without windows nobody sees more than one token past the room.
    const limit = stride === undefined ? room + 1 : Infinity;
    const pieces = texts.map((each) => this.#pieces(each, limit));
    const lengths = pieces.map((each) => each.length);
    const sizes = budget(lengths, room, typeof truncation === 'string' ? truncation : 'longest_first');
    const truncated = sizes.some((size, i) => size < lengths[i]);
    const windows = pieces.map((each, i): Window[] => {
      const bounds = stride === undefined ? [[0, sizes[i]]] : windowBounds(lengths[i], sizes[i], stride);
      return bounds.map(([from, to]) => ({ pieces: each, from, to }));
    });

    const [first, second = []] = windows;
    if (pair === undefined) {
      const further = first.slice(1).map((window) => fill(template, [window], truncated, []));
      return fill(template, [first[0]], truncated, further);
    }
    checkWindows(first.length * second.length * (sizes[0] + sizes[1]));
    // Every window of the one text with every window of the other, in the order of `tokenizers`.
    const rows = [...first.slice(1), first[0]].map((a) => second.map((b) => [a, b]));
    rows[rows.length - 1].shift();
    const further = rows.flat().map((both) => fill(template, both, truncated, []));
    return fill(template, [first[0], second[0]], truncated, further);
  }

  #add(token: AddedToken, where: string): void {
    const { id, content } = token;
    if (content.length === 0 || content.length > ADDED_LENGTH_LIMIT) {
      throw new DataError(`${where}: expected 1 to ${ADDED_LENGTH_LIMIT} characters, got ${content.length}`);
    }
    if (/[\ud800-\udfff]/u.test(content)) throw new DataError(`${where}: expected Unicode, got a lone surrogate`);
    const expected = this.#added.get(content)?.id ?? this.#parts.vocabulary.ids.get(content) ?? id;
    const holder = this.#addedById.get(id)?.content ?? this.#parts.vocabulary.tokens[id] ?? content;
    if (expected !== id || holder !== content || id >= VOCABULARY_LIMIT) {
      throw new DataError(`${where}: expected an id of its own, ${expected}, got ${id} (${show(holder)})`);
    }
    if (this.#added.has(content)) throw new DataError(`${where}: expected one entry, got two`);
    this.#added.set(content, token);
    this.#addedById.set(id, token);
    if (!token.normalized) {
      this.#inText.add(content, token);
      return;
    }
    const pattern = this.#normalizer.normalize(content, 0, content.length).text;
    if (this.#inNormalized.has(pattern)) {
      throw new DataError(`${where}: expected a normalised form of its own, got "${pattern}"`);
    }
    // A token that normalises to nothing is never found, as in `tokenizers`.
    if (pattern !== '') this.#inNormalized.add(pattern, token);
  }

  /** Tokens of one text; all of them, or the first `limit` or more. */
  #pieces(text: string, limit: number): Pieces {
    const out = new Pieces();
    const { tokens } = this.#parts.vocabulary;
    let word = 0;

    const words = (aligned: Aligned, from: number, to: number) =>
      eachWord(aligned.text, from, to, (start, end) => {
        this.#wordPiece.tokenize(aligned.text, start, end, (id, pieceStart, pieceEnd) => {
          out.ids.push(id);
          out.tokens.push(tokens[id] as string);
          out.starts.push(startOf(aligned, pieceStart));
          out.ends.push(endOf(aligned, pieceEnd - 1));
          out.words.push(word);
        });
        word++;
        return out.length < limit;
      });
    const found = (token: AddedToken, value: string, start: number, end: number) => {
      out.ids.push(token.id);
      out.tokens.push(value);
      out.starts.push(start);
      out.ends.push(end);
      out.words.push(word++);
    };

    this.#inText.split(text, (start, end, token) => {
      if (out.length >= limit) return;
      if (token) {
        found(token, text.slice(start, end), start, end);
        return;
      }
      const aligned = this.#normalizer.normalize(text, start, end);
      this.#inNormalized.split(aligned.text, (from, to, known) => {
        if (out.length >= limit) return;
        if (known) found(known, aligned.text.slice(from, to), startOf(aligned, from), endOf(aligned, to - 1));
        else words(aligned, from, to);
      });
    });
    return out;
  }
}
