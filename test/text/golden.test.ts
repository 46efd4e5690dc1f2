import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../src/text/encoding.ts';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { readJson, readText, uncasedJson } from './fixtures.ts';

interface Golden {
  ids: number[];
  offsets: number[];
  tokens: string[];
  typeIds: number[];
  wordIds: (number | null)[];
  mask: number[];
  overflowing?: { ids: number[]; offsets: number[] }[];
}

function plain(encoding: Encoding, golden: Golden): Golden {
  return {
    ids: [...encoding.ids],
    tokens: encoding.tokens,
    offsets: [...encoding.offsets],
    typeIds: [...encoding.typeIds],
    wordIds: encoding.wordIds,
    mask: [...encoding.specialTokensMask],
    ...(golden.overflowing && {
      overflowing: encoding.overflowing.map((o) => ({ ids: [...o.ids], offsets: [...o.offsets] })),
    }),
  };
}

function expected({ ids, tokens, offsets, typeIds, wordIds, mask, overflowing }: Golden): Golden {
  return { ids, tokens, offsets, typeIds, wordIds, mask, ...(overflowing && { overflowing }) };
}

describe('tokenizer.json, against Python tokenizers', () => {
  const golden = readJson('test/golden/text/cases.json');
  const tokenizers = new Map<string, Tokenizer>();
  for (const [name, { normalizer, added }] of Object.entries<{ normalizer: object; added: unknown[] }>(golden.specs)) {
    const base = { ...uncasedJson(), truncation: null, added_tokens: added };
    tokenizers.set(name, Tokenizer.fromJSON({ ...base, normalizer: { ...base.normalizer, ...normalizer } }));
  }
  for (const name of tokenizers.keys()) {
    it(name, () => {
      const cases = golden.cases.filter((c: { tokenizer: string }) => c.tokenizer === name);
      expect(cases.length).toBeGreaterThan(20);
      for (const one of cases) {
        const found = (tokenizers.get(name) as Tokenizer).encode(one.text, one);
        expect({ text: one.text, ...plain(found, one) }).toEqual({ text: one.text, ...expected(one) });
        expect(found.truncated).toBe(one.overflowing.length > 0);
      }
    });
  }

  it('takes the same tokens from its own toJSON()', () => {
    for (const [name, tokenizer] of tokenizers) {
      const again = Tokenizer.fromJSON(JSON.parse(JSON.stringify(tokenizer.toJSON())));
      for (const one of golden.cases.filter((c: { tokenizer: string }) => c.tokenizer === name).slice(0, 30)) {
        expect(plain(again.encode(one.text, one), one)).toEqual(expected(one));
      }
    }
  });
});

it('vocab.txt and tokenizer_config.json, against transformers', () => {
  const vocab = readText('test/golden/text/cased/vocab.txt');
  for (const one of readJson('test/golden/text/vocab-txt.json').cases) {
    const tokenizer = Tokenizer.fromVocab(vocab, one.config);
    const found = tokenizer.encode(one.text, { truncation: false });
    expect({ config: one.config, text: one.text, ...plain(found, one) }).toEqual({
      config: one.config,
      text: one.text,
      ...expected(one),
    });
  }
});

/** A vocabulary in which no difference hides behind [UNK], as test/golden/text/generate.py makes it. */
function charactersJson() {
  const vocab: Record<string, number> = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, '[MASK]': 4 };
  let id = 5;
  for (let point = 0; point < 0x20000; point++) {
    if ((point >= 0x3400 && point <= 0x9fff) || (point >= 0xac00 && point <= 0xf8ff)) continue;
    for (const token of [String.fromCodePoint(point), `##${String.fromCodePoint(point)}`]) vocab[token] = id++;
  }
  const base = uncasedJson();
  const added = base.added_tokens.map((token: { content: string }) => ({ ...token, id: vocab[token.content] }));
  const bert = { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] };
  return { ...base, truncation: null, added_tokens: added, post_processor: bert, model: { ...base.model, vocab } };
}

/**
 * First code point and digest of each block. Of more than 64 equal ones, which are unassigned or private planes, only
 * the first and the last, as they are four fifths of the time; `npm run conformance` takes them all.
 */
function* blocks(digests: string, end: number): Generator<[number, string]> {
  let block = 0;
  for (const run of digests.split(' ')) {
    const [digest, count = '1'] = run.split('*');
    const last = Number(count) - 1;
    for (let i = 0; i <= last; i += last > 64 ? last : 1) yield [block + 256 * i, digest];
    block += 256 * (last + 1);
  }
  expect(block).toBe(end);
}

describe('every Unicode scalar, alone and inside a word', () => {
  const golden = readJson('test/golden/text/scalars.json');
  for (const { vocabulary, normalizer, last, digests } of golden.cases) {
    it(`${vocabulary} ${JSON.stringify(normalizer)} up to ${last.toString(16)}`, { timeout: 300_000 }, () => {
      const json = vocabulary === 'uncased' ? { ...uncasedJson(), truncation: null } : charactersJson();
      const tokenizer = Tokenizer.fromJSON({ ...json, normalizer: { ...json.normalizer, ...normalizer } });
      const wrong: string[] = [];
      for (const [block, wanted] of blocks(digests, last)) {
        const lines: string[] = [];
        for (let point = block; point < block + 256; point++) {
          if (point >= 0xd800 && point < 0xe000) continue;
          const character = String.fromCodePoint(point);
          for (const text of [character, `a${character}b`]) {
            const { ids, offsets } = tokenizer.encode(text, { addSpecialTokens: false });
            lines.push([...ids, ...offsets].join());
          }
        }
        const digest = createHash('sha256').update(lines.join(';')).digest('hex').slice(0, 8);
        if (digest !== wanted) wrong.push(block.toString(16));
      }
      expect(wrong).toEqual([]);
    });
  }
});
