import { describe, expect, it } from 'vitest';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { uncasedJson } from './fixtures.ts';

/** Exponent of the growth of processor time with length: least squares over the logarithms, the best of a few runs. */
function exponent(run: (text: string) => void, make: (length: number) => string): number {
  const points = [16, 18, 20].map((bits) => {
    const text = make(1 << bits);
    let best = Number.POSITIVE_INFINITY;
    for (let runs = (22 - bits) / 2; runs > 0; runs--) {
      const start = process.cpuUsage();
      run(text);
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, user + system);
    }
    return [bits, Math.log2(best)];
  });
  const [mx, my] = [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length);
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return above / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

const json = uncasedJson();
const flags = { single_word: false, lstrip: true, rstrip: true, normalized: false, special: false };
for (const [i, content] of ['<lr>', ' ', 'aaaaaaaab', 'ÄÄ'].entries()) {
  json.added_tokens.push({ ...flags, content, id: 30522 + i, normalized: content === 'ÄÄ' });
}
const plain = Tokenizer.fromJSON(uncasedJson());
const stripping = Tokenizer.fromJSON(json);

const fill = (unit: string) => (length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** A quadratic step would show as 2; memory and the garbage collector make a linear one up to 1.3. */
const LINEAR = 1.5;

describe('1 MB takes linear time', { timeout: 120_000 }, () => {
  it.each([
    ['one word', fill('a')],
    ['one word with accents', fill('é')],
    ['words of 100 letters', fill(`${'ab'.repeat(50)} `)],
    ['combining marks in order', fill('\u0301')],
    ['combining marks out of order', fill('\u0301\u0323\u0327\u1dfb')],
    ['marks that stay, out of order', fill('\u{1e000}\u{1e944}\u302e')],
    ['CJK', fill('漢字')],
    ['special tokens', fill('[CLS]')],
    ['halves of special tokens', fill('[CL[SE[MAS')],
    ['spaces', fill(' ')],
    ['punctuation', fill('!?')],
    ['controls', fill('\u0001')],
    ['lone surrogates', fill('\ud800')],
    ['Hangul', fill('한글')],
    ['emoji with joiners', fill('👩\u200d🚀')],
  ])('%s', (_, make) => {
    expect(exponent((text) => plain.encode(text, { truncation: false }), make)).toBeLessThan(LINEAR);
  });

  it('spaces and stripping tokens', () => {
    for (const unit of ['  <lr>  ', ' ', ' a', 'aaaaaaaa', 'ÄÄ ']) {
      expect(exponent((text) => stripping.encode(text, { truncation: false }), fill(unit))).toBeLessThan(LINEAR);
    }
  });

  it('windows of a pair', () => {
    const run = (text: string) => plain.encode(text, { pair: 'what is it?', maxLength: 128, stride: 32 });
    expect(exponent(run, fill('film '))).toBeLessThan(LINEAR);
  });
});
