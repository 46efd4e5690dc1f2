import type { Encoding } from '../../src/text/encoding.ts';
import type { Answer } from './reference.ts';

/** First difference between our encoding and the reference's, or `undefined`. */
export function difference(ours: Encoding, answer: Answer, texts: readonly string[]): string | undefined {
  const [ids, offsets, typeIds, wordIds, mask, tokens, overflowing] = answer;
  if (!same(ours.ids, ids)) return `ids ${ours.ids} want ${ids}`;
  const units = inUnits(offsets, ours, texts);
  if (!same(ours.offsets, units)) return `offsets ${ours.offsets} want ${units}`;
  if (typeIds && !same(ours.typeIds, typeIds)) return `type ids ${ours.typeIds} want ${typeIds}`;
  if (wordIds && !same(ours.wordIds, wordIds)) return `word ids ${ours.wordIds} want ${wordIds}`;
  if (mask && !same(ours.specialTokensMask, mask)) return `mask ${ours.specialTokensMask} want ${mask}`;
  if (tokens && !same(ours.tokens, tokens)) return `tokens ${ours.tokens} want ${tokens}`;
  if (!overflowing) return undefined;
  if (ours.overflowing.length !== overflowing.length) {
    return `${ours.overflowing.length} further windows want ${overflowing.length}`;
  }
  for (let i = 0; i < overflowing.length; i++) {
    const further = difference(ours.overflowing[i], [...overflowing[i].slice(0, 6), []] as unknown as Answer, texts);
    if (further) return `window ${i + 1}: ${further}`;
  }
  return undefined;
}

function same<T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Python counts code points, JavaScript UTF-16 units. */
function inUnits(offsets: number[], ours: Encoding, texts: readonly string[]): number[] {
  if (!texts.some((text) => /[\ud800-\udbff]/.test(text))) return offsets;
  const starts = texts.map((text) => {
    const places: number[] = [];
    for (let i = 0; i < text.length; i += (text.codePointAt(i) as number) > 0xffff ? 2 : 1) places.push(i);
    places.push(text.length);
    return places;
  });
  return offsets.map((point, i) => {
    const sequence = ours.sequenceIds[i >> 1];
    return typeof sequence === 'number' ? starts[sequence][point] : point;
  });
}
