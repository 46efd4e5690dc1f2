import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../src/text/encoding.ts';
import { Normalizer } from '../../src/text/normalizer.ts';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { uncasedJson } from './fixtures.ts';

const json = uncasedJson();
const tokenizer = Tokenizer.fromJSON({ ...json, truncation: null });
const normalizer = new Normalizer({ cleanText: true, handleChineseChars: true, stripAccents: null, lowercase: true });

/** Words, punctuation and every kind of character, lone surrogates among them. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'film',
        'Naïve',
        '[MASK]',
        ' ',
        '\n',
        '漢字',
        '\u0301',
        '\u1dfb',
        '한국',
        '😀',
        '\ud800',
        '\udc00',
        "don't",
        'x'.repeat(101),
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

function checkOffsets(encoding: Encoding, texts: string[]): void {
  const last = texts.map(() => [0, 0]);
  encoding.sequenceIds.forEach((sequence, i) => {
    const [start, end] = encoding.offsets.subarray(2 * i, 2 * i + 2);
    if (sequence === null) {
      expect([start, end]).toEqual([0, 0]);
      return;
    }
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(texts[sequence].length);
    expect(start).toBeGreaterThanOrEqual(last[sequence][0]);
    expect(end).toBeGreaterThanOrEqual(last[sequence][1]);
    last[sequence] = [start, end];
  });
}

describe('for any text', () => {
  it('encode gives arrays of one length, ids of the vocabulary and offsets in order', () => {
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), fc.boolean(), (a, b, addSpecialTokens) => {
        const found = tokenizer.encode(a, { pair: b, addSpecialTokens });
        const n = found.ids.length;
        expect([
          found.typeIds.length,
          found.tokens.length,
          found.offsets.length / 2,
          found.specialTokensMask.length,
        ]).toEqual([n, n, n, n]);
        expect([found.wordIds.length, found.sequenceIds.length]).toEqual([n, n]);
        for (const id of found.ids) expect(tokenizer.idToToken(id)).toBeDefined();
        checkOffsets(found, b === undefined ? [a] : [a, b]);
      }),
      { numRuns: 500 },
    );
  });

  it('the stretch of text behind a token normalises to the token', () => {
    // Marks that are put in order may trade places, as in the reference.
    fc.assert(
      fc.property(
        text.filter((t) => !/\p{M}\p{M}/u.test(t)),
        (a) => {
          const { tokens, offsets, specialTokensMask } = tokenizer.encode(a);
          tokens.forEach((token, i) => {
            if (specialTokensMask[i] || /^\[[A-Z]+\]$/.test(token)) return;
            const plain = normalizer.normalize(a, offsets[2 * i], offsets[2 * i + 1]).text;
            expect(plain).toContain(token.length > 2 ? token.replace(/^##/, '') : token);
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('windows together are the whole, each sharing `stride` tokens with the one before', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 12 }), fc.nat(9), (a, maxLength, more) => {
        const stride = more % (maxLength - 2);
        const whole = tokenizer.encode(a, { truncation: false, addSpecialTokens: false });
        const first = tokenizer.encode(a, { maxLength, stride });
        const windows = [first, ...first.overflowing];
        const ids: number[] = [];
        windows.forEach((window, i) => {
          expect(window.ids.length).toBeLessThanOrEqual(maxLength);
          expect(window.truncated).toBe(windows.length > 1);
          checkOffsets(window, [a]);
          const own = [...window.ids.subarray(1, -1)];
          if (i > 0) expect(own.slice(0, stride)).toEqual(ids.slice(ids.length - stride));
          ids.push(...(i === 0 ? own : own.slice(stride)));
        });
        expect(ids).toEqual([...whole.ids]);
      }),
      { numRuns: 500 },
    );
  });
});

it('normalising plain text by the ASCII path and by the steps is the same', () => {
  const ascii = fc
    .array(fc.integer({ min: 0, max: 126 }), { maxLength: 40 })
    .map((codes) => String.fromCharCode(...codes));
  for (const lowercase of [true, false]) {
    for (const cleanText of [true, false]) {
      const some = new Normalizer({ cleanText, handleChineseChars: true, stripAccents: null, lowercase });
      fc.assert(
        fc.property(ascii, (a) => {
          // One character that is no ASCII sends the whole text through the steps.
          const steps = some.normalize(`${a}я`, 0, a.length + 1);
          const fast = some.normalize(a, 0, a.length);
          expect(steps.text.slice(0, -1)).toBe(fast.text);
          const starts = fast.starts ?? Int32Array.from({ length: fast.text.length }, (_, i) => i);
          expect(steps.starts?.slice(0, -1)).toEqual(starts);
        }),
      );
    }
  }
});
