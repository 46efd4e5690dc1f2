import { describe, expect, it } from 'vitest';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { exponent, fill, LINEAR } from '../fixtures/growth.ts';
import { uncasedJson } from './fixtures.ts';

const json = uncasedJson();
const flags = { single_word: false, lstrip: true, rstrip: true, normalized: false, special: false };
for (const [i, content] of ['<lr>', ' ', 'aaaaaaaab', 'ÄÄ'].entries()) {
  json.added_tokens.push({ ...flags, content, id: 30522 + i, normalized: content === 'ÄÄ' });
}
const plain = Tokenizer.fromJSON(uncasedJson());
const stripping = Tokenizer.fromJSON(json);

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
  ])('%s', async (_, make) => {
    expect(await exponent((text) => plain.encode(text, { truncation: false }), make)).toBeLessThan(LINEAR);
  });

  it('spaces and stripping tokens', async () => {
    for (const unit of ['  <lr>  ', ' ', ' a', 'aaaaaaaa', 'ÄÄ ']) {
      expect(await exponent((text) => stripping.encode(text, { truncation: false }), fill(unit))).toBeLessThan(LINEAR);
    }
  });

  it('windows of a pair', async () => {
    const run = (text: string) => plain.encode(text, { pair: 'what is it?', maxLength: 128, stride: 32 });
    expect(await exponent(run, fill('film '))).toBeLessThan(LINEAR);
  });
});
