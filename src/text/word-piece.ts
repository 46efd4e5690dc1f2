import type { Vocabulary } from './vocabulary.ts';

export interface WordPieceOptions {
  readonly unkToken: string;
  /** What the tokens inside a word begin with, `##`. */
  readonly prefix: string;
  /** A word of more code points than this is one unknown token. */
  readonly maxInputChars: number;
}

/** Takes the longest token that the rest of a word begins with, again and again (Wu et al. 2016, arXiv:1609.08144). */
export class WordPiece {
  readonly options: WordPieceOptions;
  readonly unkId: number;
  readonly #first: ReadonlyMap<string, number>;
  /** Tokens inside a word without their prefix, so that a look-up joins no strings. */
  readonly #inner = new Map<string, number>();
  readonly #longest: number;

  constructor(vocabulary: Vocabulary, options: WordPieceOptions, where: string) {
    this.options = options;
    this.unkId = vocabulary.need(options.unkToken, `${where} unk_token`);
    this.#first = vocabulary.ids;
    let longest = 1;
    vocabulary.tokens.forEach((token, id) => {
      if (token === undefined) return;
      if (token.length > longest) longest = token.length;
      if (token.startsWith(options.prefix)) this.#inner.set(token.slice(options.prefix.length), id);
    });
    this.#longest = longest;
  }

  /** Calls `piece` with the id and the bounds of each token of the word `text[start, end)`. */
  tokenize(text: string, start: number, end: number, piece: (id: number, start: number, end: number) => void): void {
    const whole = this.#long(text, start, end) ? this.unkId : this.#first.get(text.slice(start, end));
    if (whole !== undefined) {
      piece(whole, start, end);
      return;
    }
    const found: number[] = [];
    let tokens = this.#first;
    for (let at = start; at < end; tokens = this.#inner) {
      // No token is longer than the longest: at most that many look-ups a position, whatever the length of the word.
      let stop = Math.min(end, at + this.#longest);
      let id: number | undefined;
      while (stop > at) {
        id = tokens.get(text.slice(at, stop));
        if (id !== undefined) break;
        stop--;
      }
      if (id === undefined) {
        piece(this.unkId, start, end);
        return;
      }
      found.push(id, at, stop);
      at = stop;
    }
    for (let i = 0; i < found.length; i += 3) piece(found[i], found[i + 1], found[i + 2]);
  }

  /** Whether the word has more code points than a word may have. */
  #long(text: string, start: number, end: number): boolean {
    const limit = this.options.maxInputChars;
    if (end - start <= limit) return false;
    if (end - start > 2 * limit) return true;
    let points = 0;
    for (let i = start; i < end; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) points++;
    return points > limit;
  }
}
