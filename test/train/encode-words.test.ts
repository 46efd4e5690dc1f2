import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { wordEncoder } from '../../src/train/encode-words.ts';
import golden from '../golden/train/pretokenized.json' with { type: 'json' };
import { tokenizer as tiny } from '../tasks/fakes.ts';

const file = new URL('../../models/minilm/tokenizer.json', import.meta.url);
const tokenizer = Tokenizer.fromJSON(JSON.parse(readFileSync(file, 'utf8')));

test.each(golden.cases.map((each, i) => ({ i, ...each })))(
  'as tokenizers: $i',
  ({ words, max_length, ids, word_ids }) => {
    const encoded = wordEncoder(tokenizer, max_length)(words);
    expect([...encoded.ids]).toEqual(ids);
    expect([...encoded.firsts]).toEqual(words.map((_, word) => word_ids.indexOf(word)));
  },
);

test('a word of no piece has no token, and words that were cut have none', () => {
  const { ids, firsts } = wordEncoder(tiny, 6)(['good', '\u0001', 'zzz', 'film']);
  expect(Array.from(ids, (id) => tiny.idToToken(id))).toEqual(['[CLS]', 'good', 'z', '##z', '##z', '[SEP]']);
  expect([...firsts]).toEqual([1, -1, 2, -1]);
});

test.each([
  [['good', 'zzz'], false],
  [['good', 'zzz', '\u0001'], false],
  [['good', 'zzz', '\u0001', 'film'], true],
  [['good', 'zzzz'], true],
  [[], false],
])('%j is cut at six tokens: %s', (words, truncated) => {
  expect(wordEncoder(tiny, 6)(words).truncated).toBe(truncated);
});
