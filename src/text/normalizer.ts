import { type Aligned, Points } from './aligned.ts';
import { CJK, combiningClass, DECOMPOSED, decomposition, flagsOf, lowerCase, MARK, REMOVED, SPACE } from './unicode.ts';

export interface NormalizerOptions {
  /** Control characters, U+0000 and U+FFFD are removed and white space becomes U+0020. */
  readonly cleanText: boolean;
  /** A space goes before and after every CJK ideograph. */
  readonly handleChineseChars: boolean;
  /** `null`: as `lowercase` is. */
  readonly stripAccents: boolean | null;
  readonly lowercase: boolean;
}

/** BertNormalizer of Hugging Face `tokenizers`, with the place of every character kept. */
export class Normalizer {
  readonly options: NormalizerOptions;
  readonly #strip: boolean;

  constructor(options: NormalizerOptions) {
    this.options = options;
    this.#strip = options.stripAccents ?? options.lowercase;
  }

  /** Normalises `text[start, end)`. A lone surrogate is read as U+FFFD, as TextEncoder reads it. */
  normalize(text: string, start: number, end: number): Aligned {
    const ascii = this.#ascii(text, start, end);
    if (ascii !== undefined) return { text: ascii, base: start };
    let points = this.#clean(text, start, end);
    if (this.#strip) points = stripAccents(points);
    if (this.options.lowercase) points = lowercase(points);
    return points.toAligned(start);
  }

  /** The common case, in which nothing moves: ASCII without control characters (36 times faster than the steps). */
  #ascii(text: string, start: number, end: number): string | undefined {
    let white = false;
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x20) {
        if (unit !== 9 && unit !== 10 && unit !== 13) return undefined;
        white = true;
      } else if (unit > 0x7e) {
        return undefined;
      }
    }
    let ascii = text.slice(start, end);
    if (this.options.lowercase) ascii = ascii.toLowerCase();
    return white && this.options.cleanText ? ascii.replace(/[\t\n\r]/g, ' ') : ascii;
  }

  #clean(text: string, start: number, end: number): Points {
    const { cleanText, handleChineseChars } = this.options;
    const out = new Points(end - start);
    for (let i = start; i < end; ) {
      let point = text.codePointAt(i) as number;
      if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
      const next = i + (point > 0xffff ? 2 : 1);
      const flags = flagsOf(point);
      if (cleanText && flags & SPACE) {
        out.push(0x20, i, next);
      } else if (handleChineseChars && flags & CJK) {
        out.push(0x20, i, next);
        out.push(point, i, next);
        out.push(0x20, i, next);
      } else if (!(cleanText && flags & REMOVED)) {
        out.push(point, i, next);
      }
      i = next;
    }
    return out;
  }
}

/** Canonical decomposition, then everything but the non-spacing marks. */
function stripAccents(from: Points): Points {
  const points: number[] = [];
  const added: boolean[] = [];
  for (let i = 0; i < from.length; i++) {
    const point = from.point(i);
    if (flagsOf(point) & DECOMPOSED) {
      const parts = decomposition(point);
      for (let k = 0; k < parts.length; k++) {
        points.push(parts[k]);
        added.push(k > 0);
      }
    } else {
      points.push(point);
      added.push(false);
    }
  }
  order(points, added);

  // As in the reference, places are dealt out after the marks are put in order: the n-th character that is not an
  // added one takes the n-th place.
  const out = new Points(points.length);
  let place = -1;
  for (let i = 0; i < points.length; i++) {
    if (!added[i]) place++;
    if (!(flagsOf(points[i]) & MARK)) out.push(points[i], from.start(place), from.end(place));
  }
  return out;
}

/** Canonical ordering: each run of combining marks sorted, stably, by class. */
function order(points: number[], added: boolean[]): void {
  for (let i = 0; i < points.length; i++) {
    const first = i;
    let sorted = true;
    let last = 0;
    for (; i < points.length; i++) {
      const next = combiningClass(points[i]);
      if (next === 0) break;
      if (next < last) sorted = false;
      last = next;
    }
    if (sorted) continue;
    const run = points
      .slice(first, i)
      .map((point, k) => ({ point, added: added[first + k], order: combiningClass(point) }));
    run.sort((a, b) => a.order - b.order);
    run.forEach((mark, k) => {
      points[first + k] = mark.point;
      added[first + k] = mark.added;
    });
  }
}

function lowercase(from: Points): Points {
  const out = new Points(from.length);
  for (let i = 0; i < from.length; i++) {
    const point = from.point(i);
    if (point === 0x130) {
      out.push(0x69, from.start(i), from.end(i));
      out.push(0x307, from.start(i), from.end(i));
    } else {
      out.push(lowerCase(point), from.start(i), from.end(i));
    }
  }
  return out;
}
