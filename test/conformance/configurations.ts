import { readFileSync } from 'node:fs';
import { Tokenizer } from '../../src/text/tokenizer.ts';

interface AddedTokenJson {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

interface TokenizerJson {
  added_tokens: AddedTokenJson[];
  normalizer: Record<string, unknown>;
  model: { vocab: Record<string, number> } & Record<string, unknown>;
  post_processor: unknown;
  [key: string]: unknown;
}

export interface Configuration {
  name: string;
  json: TokenizerJson;
}

const read = (): TokenizerJson =>
  JSON.parse(readFileSync(new URL('../../models/sentiment/tokenizer.json', import.meta.url), 'utf8'));

/** The default model's own tokenizer. */
export const uncased: Configuration = { name: 'uncased', json: { ...read(), truncation: null } };

function normalizer(clean: boolean, chinese: boolean, strip: boolean | null, lowercase: boolean) {
  return {
    type: 'BertNormalizer',
    clean_text: clean,
    handle_chinese_chars: chinese,
    strip_accents: strip,
    lowercase,
  };
}

/**
 * Vocabularies in which every character of planes 0 and 1 has ids of its own (ideographs and private use aside), so
 * that no difference hides behind [UNK], under each setting of the normalizer.
 */
export function everyCharacter(): Configuration[] {
  const vocab: Record<string, number> = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, '[MASK]': 4 };
  let id = 5;
  for (let point = 0; point < 0x20000; point++) {
    if ((point >= 0x3400 && point <= 0x9fff) || (point >= 0xac00 && point <= 0xf8ff)) continue;
    const character = String.fromCodePoint(point);
    vocab[character] = id++;
    vocab[`##${character}`] = id++;
  }
  for (const character of '豈更車賈滑串句龜契喇漢字') vocab[character] = id++;
  const added = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((content, i) =>
    token(i, content, { special: true }),
  );
  const json = {
    ...uncased.json,
    added_tokens: added,
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  };
  const model = { ...uncased.json.model, vocab };
  return [
    { name: 'characters, uncased', json: { ...json, model, normalizer: normalizer(true, true, null, true) } },
    {
      name: 'characters, uncased, accents kept',
      json: { ...json, model, normalizer: normalizer(true, true, false, true) },
    },
    { name: 'characters, cased', json: { ...json, model, normalizer: normalizer(true, true, null, false) } },
    {
      name: 'characters, cased, accents stripped',
      json: { ...json, model, normalizer: normalizer(true, false, true, false) },
    },
    { name: 'characters, not cleaned', json: { ...json, model, normalizer: normalizer(false, false, true, true) } },
  ];
}

/** Added tokens with every flag, over the default vocabulary. */
export function addedTokens(): Configuration {
  const added = [...uncased.json.added_tokens];
  const flags = [
    ['<plain>', {}],
    ['<n>', { normalized: true }],
    ['Foo', { single_word: true, normalized: true }],
    ['foo', { single_word: true }],
    ['Foo Bar', { normalized: true }],
    ['<l>', { lstrip: true }],
    ['<r>', { rstrip: true }],
    ['<lr>', { lstrip: true, rstrip: true, special: true }],
    ['École', { normalized: true, lstrip: true }],
    ['一二', { single_word: true, normalized: true, rstrip: true }],
    ['ab', {}],
    ['abc', {}],
    ['abcd', { single_word: true }],
    ['😀', { single_word: true, lstrip: true }],
    ['[MASK]', {}],
    ['movie', { single_word: true, rstrip: true }],
  ] as const;
  const known = new Set(added.map((a) => a.content));
  let next = 30522;
  for (const [content, options] of flags) {
    if (known.has(content)) continue;
    added.push(token(uncased.json.model.vocab[content] ?? next++, content, options));
  }
  return { name: 'added tokens', json: { ...uncased.json, added_tokens: added } };
}

/** What toJSON() makes of a vocab.txt: Python has to load it and agree. */
export function fromVocab(): Configuration {
  const vocab = readFileSync(new URL('../golden/text/cased/vocab.txt', import.meta.url), 'utf8');
  const config = { do_lower_case: false, never_split: ['Paris', 'film'] };
  return { name: 'toJSON() of a vocab.txt', json: Tokenizer.fromVocab(vocab, config).toJSON() as TokenizerJson };
}

function token(id: number, content: string, flags: Partial<AddedTokenJson>): AddedTokenJson {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...flags };
}
