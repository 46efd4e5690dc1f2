import { flagsOf, WHITE, WORD } from './unicode.ts';

/** A token found in the text as it stands, before words are split. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where no word character stands before or after. */
  readonly singleWord: boolean;
  /** Takes the white space before it. */
  readonly lstrip: boolean;
  /** Takes the white space after it. */
  readonly rstrip: boolean;
  /** Its normalised form is looked for in the normalised text. */
  readonly normalized: boolean;
  readonly special: boolean;
}

interface Node {
  readonly next: Map<number, Node>;
  token?: AddedToken;
}

/** Finds tokens in a text: the leftmost first, of those that begin there the longest. */
export class TokenFinder {
  readonly #root: Node = { next: new Map() };

  add(pattern: string, token: AddedToken): void {
    let node = this.#root;
    for (let i = 0; i < pattern.length; i++) {
      const unit = pattern.charCodeAt(i);
      let next = node.next.get(unit);
      if (!next) {
        next = { next: new Map() };
        node.next.set(unit, next);
      }
      node = next;
    }
    node.token = token;
  }

  has(pattern: string): boolean {
    let node: Node | undefined = this.#root;
    for (let i = 0; i < pattern.length && node; i++) node = node.next.get(pattern.charCodeAt(i));
    return node?.token !== undefined;
  }

  /** Calls `part` for every stretch of the text in order, with the token found there or with none. */
  split(text: string, part: (start: number, end: number, token?: AddedToken) => void): void {
    let done = 0;
    // End of the white space last taken, so that none is walked twice: a text of spaces takes linear time.
    let white = 0;
    for (let i = 0; i < text.length && this.#root.next.size > 0; ) {
      const match = this.#root.next.has(text.charCodeAt(i)) ? this.#longest(text, i) : undefined;
      if (!match) {
        i++;
        continue;
      }
      const { token } = match;
      let start = i;
      let end = match.end;
      i = end;
      if (token.singleWord && (wordBefore(text, start) || wordAfter(text, end))) continue;
      // Never back over what a token before took.
      if (token.lstrip) {
        while (start > done && flagsOf(text.charCodeAt(start - 1)) & WHITE) start--;
        start = Math.max(start, done);
      }
      if (token.rstrip) {
        white = Math.max(white, end);
        while (white < text.length && flagsOf(text.charCodeAt(white)) & WHITE) white++;
        end = white;
      }
      if (start >= end) continue;
      if (done < start) part(done, start);
      part(start, end, token);
      done = end;
    }
    if (done < text.length) part(done, text.length);
  }

  #longest(text: string, start: number): { token: AddedToken; end: number } | undefined {
    let node = this.#root.next.get(text.charCodeAt(start));
    let best: { token: AddedToken; end: number } | undefined;
    for (let i = start + 1; node; i++) {
      if (node.token) best = { token: node.token, end: i };
      if (i === text.length) break;
      node = node.next.get(text.charCodeAt(i));
    }
    return best;
  }
}

function wordBefore(text: string, at: number): boolean {
  if (at === 0) return false;
  const unit = text.charCodeAt(at - 1);
  const low = (unit & 0xfc00) === 0xdc00;
  return (flagsOf(low ? (text.codePointAt(at - 2) as number) : unit) & WORD) !== 0;
}

function wordAfter(text: string, at: number): boolean {
  return at < text.length && (flagsOf(text.codePointAt(at) as number) & WORD) !== 0;
}
