import { flagsOf, PUNCTUATION, WHITE } from './unicode.ts';

/**
 * BertPreTokenizer: words are what stands between white space; every punctuation character is a word of its own.
 * Calls `word` with the bounds of each in `text[start, end)`; it returns false to stop.
 */
export function eachWord(
  text: string,
  start: number,
  end: number,
  word: (start: number, end: number) => boolean,
): boolean {
  let first = start;
  for (let i = start; i < end; ) {
    const point = text.codePointAt(i) as number;
    const next = i + (point > 0xffff ? 2 : 1);
    const flags = flagsOf(point) & (WHITE | PUNCTUATION);
    if (flags) {
      if (first < i && !word(first, i)) return false;
      if (flags & PUNCTUATION && !word(i, next)) return false;
      first = next;
    }
    i = next;
  }
  return first === end || word(first, end);
}
