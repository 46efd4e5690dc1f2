import { COMBINING, LOWER, RUNS } from './unicode-data.ts';

/**
 * What Python `tokenizers` knows of each code point, as one byte of flags. JavaScript engines carry different versions
 * of Unicode, so `\p{…}` and `toLowerCase` would give different ids in different places; these tables give the same
 * ones everywhere (4.4 kB of the gzip size).
 */
export const REMOVED = 1;
/** White space of the pre-tokenizer and of `\s`. */
export const WHITE = 2;
/** White space that cleaning turns into U+0020. */
export const SPACE = 4;
export const CJK = 8;
export const DECOMPOSED = 16;
/** Non-spacing mark: what stripping accents takes away. */
export const MARK = 32;
export const PUNCTUATION = 64;
/** `\w` of the added tokens' single_word. */
export const WORD = 128;

/** One byte a code point: 1.1 MB, of which a third is ever touched. */
const flags = new Uint8Array(0x110000);

/** Flags of a code point. */
export function flagsOf(point: number): number {
  return flags[point];
}

const lower = new Map<number, number>();
/** Canonical combining classes; no mark that the tables know stands above plane 1. */
const combining = new Uint8Array(0x20000);

function numbers(table: string): number[] {
  return table.split(' ').map((digits) => Number.parseInt(digits, 36));
}

/** Where a flag starts and where it ends, as 256 x code point + flag. */
function edges(flag: number, table: string): number[] {
  const values = numbers(table);
  let at = 0;
  return values.map((value, i) => {
    at += value;
    return 256 * (at + (i & 1)) + flag;
  });
}

function pairs(table: string, set: (point: number, value: number) => void): void {
  const values = numbers(table);
  let at = 0;
  for (let i = 0; i < values.length; i += 3) {
    const stride = 1 + (values[i + 1] & 1);
    const value = values[i + 2] & 1 ? -(values[i + 2] + 1) / 2 : values[i + 2] / 2;
    const first = at + values[i];
    at = first + (values[i + 1] >> 1) * stride;
    for (let point = first; point <= at; point += stride) set(point, value);
  }
}

const everyEdge = Uint32Array.from([
  ...edges(REMOVED, RUNS.removed),
  ...edges(WHITE, RUNS.white),
  ...edges(SPACE, RUNS.space),
  ...edges(CJK, RUNS.cjk),
  ...edges(DECOMPOSED, RUNS.decomposed),
  ...edges(MARK, RUNS.mark),
  ...edges(PUNCTUATION, RUNS.punctuation),
  ...edges(WORD, RUNS.word),
]).sort();
// From edge to edge natively: a loop over the 400,000 code points that have flags takes 3 ms.
let open = 0;
everyEdge.forEach((edge, i) => {
  open ^= edge & 255;
  if (open) flags.fill(open, edge >> 8, everyEdge[i + 1] >> 8);
});
pairs(LOWER, (point, added) => lower.set(point, point + added));
pairs(COMBINING, (point, order) => {
  combining[point] = order;
});

/** Lower case of one code point; U+0130, which becomes two, is left to the caller. */
export function lowerCase(point: number): number {
  return lower.get(point) ?? point;
}

/** Canonical combining class. */
export function combiningClass(point: number): number {
  return point < combining.length ? combining[point] : 0;
}

const decompositions = new Map<number, readonly number[]>();

/** Canonical decomposition of a code point flagged DECOMPOSED; by Unicode's policy the same in every engine. */
export function decomposition(point: number): readonly number[] {
  let parts = decompositions.get(point);
  if (!parts) {
    parts = Array.from(String.fromCodePoint(point).normalize('NFD'), (part) => part.codePointAt(0) as number);
    decompositions.set(point, parts);
  }
  return parts;
}
