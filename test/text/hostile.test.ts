import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { readText, tinyJson } from './fixtures.ts';

type Tiny = ReturnType<typeof tinyJson>;

/** One line, `<file and place>: expected …, got …`. */
const FORM = /^[^\n]+: expected [^\n]+, got [^\n]+$/;

describe('tokenizer.json', () => {
  const added = (content: string, id: number, more = {}) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: false,
    ...more,
  });
  const faults: [string, (json: Tiny) => unknown, string][] = [
    ['null', () => null, 'tokenizer.json: expected an object, got null'],
    ['an array', () => [], 'tokenizer.json: expected an object, got []'],
    ['another version', (j) => ({ ...j, version: '2.0' }), 'tokenizer.json version: expected "1.0", got "2.0"'],
    ['no model', (j) => ({ ...j, model: undefined }), 'tokenizer.json model: expected an object, got undefined'],
    ['BPE', (j) => set(j.model, 'type', 'BPE') && j, 'tokenizer.json model.type: expected "WordPiece", got "BPE"'],
    [
      'another normalizer',
      (j) => ({ ...j, normalizer: { type: 'NFKC' } }),
      'normalizer.type: expected "BertNormalizer", got "NFKC"',
    ],
    ['no normalizer', (j) => ({ ...j, normalizer: null }), 'normalizer: expected an object, got null'],
    [
      'a normalizer with text for a flag',
      (j) => set(j.normalizer, 'lowercase', 'yes') && j,
      'normalizer.lowercase: expected true or false, got "yes"',
    ],
    [
      'another pre-tokenizer',
      (j) => ({ ...j, pre_tokenizer: { type: 'Whitespace' } }),
      'pre_tokenizer.type: expected "BertPreTokenizer"',
    ],
    [
      'another post-processor',
      (j) => ({ ...j, post_processor: { type: 'ByteLevel' } }),
      'expected "TemplateProcessing" or "BertProcessing", got "ByteLevel"',
    ],
    ['no post-processor', (j) => ({ ...j, post_processor: null }), 'post_processor: expected an object, got null'],
    [
      'a vocabulary that is a list',
      (j) => set(j.model, 'vocab', ['a']) && j,
      'model.vocab: expected an object, got ["a"]',
    ],
    ['an id that is text', (j) => set(j.model.vocab, 'a', '3') && j, 'model.vocab: expected an id for "a", got "3"'],
    [
      'an id with a fraction',
      (j) => set(j.model.vocab, 'a', 3.5) && j,
      'expected an id from 0 to 999999 for "a", got 3.5',
    ],
    ['a negative id', (j) => set(j.model.vocab, 'a', -1) && j, 'expected an id from 0 to 999999 for "a", got -1'],
    [
      'an id past the limit',
      (j) => set(j.model.vocab, 'a', 1_000_000) && j,
      'expected an id from 0 to 999999 for "a", got 1000000',
    ],
    [
      'two tokens of one id',
      (j) => set(j.model.vocab, 'a', 7) && j,
      'expected one token with id 7, got "a" and "film"',
    ],
    [
      'no unknown token',
      (j) => set(j.model, 'unk_token', '<unk>') && j,
      'unk_token: expected a token of the vocabulary, got "<unk>"',
    ],
    [
      'no [UNK] in the vocabulary',
      (j) => unset(j.model.vocab, '[UNK]') && j,
      'unk_token: expected a token of the vocabulary, got "[UNK]"',
    ],
    [
      'endless words',
      (j) => set(j.model, 'max_input_chars_per_word', 1e9) && j,
      'expected an integer from 1 to 256, got 1000000000',
    ],
    [
      'no [CLS]',
      (j) => unset(j.model.vocab, '[CLS]') && { ...j, added_tokens: [] },
      'post_processor.cls: expected a token of the vocabulary, got "[CLS]"',
    ],
    [
      'no [SEP]',
      (j) => unset(j.model.vocab, '[SEP]') && { ...j, added_tokens: [] },
      'post_processor.sep: expected a token of the vocabulary, got "[SEP]"',
    ],
    [
      'another id for [SEP]',
      (j) => set(j.post_processor, 'sep', ['[SEP]', 5]) && j,
      `expected the vocabulary's id 2 for "[SEP]", got 5`,
    ],
    ['added tokens that are no list', (j) => ({ ...j, added_tokens: {} }), 'added_tokens: expected an array, got {}'],
    [
      'an added token without content',
      (j) => ({ ...j, added_tokens: [added('', 9)] }),
      'expected 1 to 256 characters, got 0',
    ],
    [
      'an endless added token',
      (j) => ({ ...j, added_tokens: [added('x'.repeat(300), 9)] }),
      'expected 1 to 256 characters, got 300',
    ],
    [
      'an added token with half a character',
      (j) => ({ ...j, added_tokens: [added('\ud83d', 9)] }),
      'expected Unicode, got a lone surrogate',
    ],
    [
      'an added token that takes an id',
      (j) => ({ ...j, added_tokens: [added('new', 7)] }),
      'expected an id of its own, 7, got 7 ("film")',
    ],
    [
      'an added token with another id than the vocabulary',
      (j) => ({ ...j, added_tokens: [added('film', 9)] }),
      'expected an id of its own, 7, got 9',
    ],
    [
      'an added token twice',
      (j) => ({ ...j, added_tokens: [added('n', 9), added('n', 9)] }),
      'expected one entry, got two',
    ],
    [
      'two added tokens that normalise to one',
      (j) => ({ ...j, added_tokens: [added('N', 9, { normalized: true }), added('n', 10, { normalized: true })] }),
      'expected a normalised form of its own, got "n"',
    ],
    [
      'an added id past the limit',
      (j) => ({ ...j, added_tokens: [added('n', 1e6)] }),
      'expected an integer from 0 to 999999, got 1000000',
    ],
    [
      'very many added tokens',
      (j) => ({ ...j, added_tokens: Array.from({ length: 1000 }, (_, i) => added(`${i}${'x'.repeat(250)}`, 10 + i)) }),
      'expected at most 200000 characters in all, got',
    ],
    [
      'a left truncation',
      (j) => ({ ...j, truncation: { direction: 'Left', max_length: 9 } }),
      'truncation.direction: expected "Right", got "Left"',
    ],
    [
      'a truncation to nothing',
      (j) => ({ ...j, truncation: { max_length: 0 } }),
      'expected an integer from 3 to 1000000000, got 0',
    ],
    [
      'a template with no text',
      (j) => ({ ...j, post_processor: template([cls], [cls, a, b]) }),
      'post_processor.single: expected the sequences A, each once, got ',
    ],
    [
      'a template with a text twice',
      (j) => ({ ...j, post_processor: template([a, a], [cls, a, b]) }),
      'expected the sequences A, each once, got "A,A"',
    ],
    [
      'a pair template with one text',
      (j) => ({ ...j, post_processor: template([a], [cls, a]) }),
      'expected the sequences A,B, each once, got "A"',
    ],
    [
      'a template with an unknown piece',
      (j) => ({ ...j, post_processor: template([a, { SpecialToken: { id: '[X]', type_id: 0 } }], [a, b]) }),
      'special_tokens to have "[X]", got undefined',
    ],
    [
      'a template with __proto__',
      (j) => ({ ...j, post_processor: template([a, { SpecialToken: { id: '__proto__', type_id: 0 } }], [a, b]) }),
      'special_tokens to have "__proto__", got undefined',
    ],
    [
      'a template with a type id out of range',
      (j) => ({ ...j, post_processor: template([{ Sequence: { id: 'A', type_id: 256 } }], [a, b]) }),
      'expected an integer from 0 to 255, got 256',
    ],
    [
      'a template of very many tokens',
      (j) => ({ ...j, post_processor: template([a, ...Array(100).fill(cls)], [a, b]) }),
      'post_processor.single: expected at most 64 special tokens, got 100',
    ],
    [
      'a template with sequence C',
      (j) => ({ ...j, post_processor: template([{ Sequence: { id: 'C', type_id: 0 } }], [a, b]) }),
      'expected sequence "A" or "B", got "C"',
    ],
  ];
  it.each(faults)('%s', (_, breakIt, message) => {
    const run = () => Tokenizer.fromJSON(breakIt(tinyJson()));
    expect(run).toThrow(DataError);
    expect(run).toThrow(message);
    expect(run).toThrow(FORM);
  });

  it('names the file it was given', () => {
    expect(() => Tokenizer.fromJSON(null, undefined, 'models/x/tokenizer.json')).toThrow(
      'models/x/tokenizer.json: expected',
    );
  });

  it('takes names of Object.prototype for tokens', () => {
    const json = tinyJson();
    for (const [i, name] of ['__proto__', 'constructor', 'toString'].entries()) {
      Object.defineProperty(json.model.vocab, name, { value: 20 + i, enumerable: true });
    }
    const odd = Tokenizer.fromJSON(JSON.parse(JSON.stringify(json)));
    expect(odd.tokenToId('__proto__')).toBe(20);
    expect([...odd.encode('constructor film').ids]).toEqual([1, 21, 7, 2]);
    expect(Tokenizer.fromJSON(JSON.parse(JSON.stringify(odd.toJSON()))).tokenToId('__proto__')).toBe(20);
    expect(Tokenizer.fromJSON(tinyJson()).tokenToId('constructor')).toBeUndefined();
    expect([...Tokenizer.fromJSON(tinyJson()).encode('constructor').ids]).toEqual([1, 0, 2]);
  });
});

function set(target: object, key: string, value: unknown): true {
  return Reflect.set(target, key, value) as true;
}

function unset(target: object, key: string): true {
  return Reflect.deleteProperty(target, key) as true;
}

const a = { Sequence: { id: 'A', type_id: 0 } };
const b = { Sequence: { id: 'B', type_id: 1 } };
const cls = { SpecialToken: { id: '[CLS]', type_id: 0 } };

function template(single: unknown[], pair: unknown[]) {
  return {
    type: 'TemplateProcessing',
    single,
    pair,
    special_tokens: { '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] } },
  };
}

describe('vocab.txt and tokenizer_config.json', () => {
  const vocab = readText('test/golden/text/cased/vocab.txt');
  it.each([
    ['no [UNK]', 'a\nb\n[CLS]\n[SEP]', {}, 'vocab.txt unk_token: expected a token of the vocabulary, got "[UNK]"'],
    ['no [CLS]', '[UNK]\n[SEP]', {}, 'vocab.txt cls_token: expected a token of the vocabulary, got "[CLS]"'],
    ['nothing', '', {}, 'vocab.txt unk_token: expected a token of the vocabulary, got "[UNK]"'],
    ['very many lines', 'x\n'.repeat(1_000_001), {}, 'vocab.txt: expected at most 1000000 lines, got 1000001'],
    ['a config that is a list', vocab, [], 'tokenizer_config.json: expected an object, got []'],
    [
      'a flag that is a number',
      vocab,
      { do_lower_case: 1 },
      'tokenizer_config.json do_lower_case: expected true or false, got 1',
    ],
    [
      'a special token that is a number',
      vocab,
      { cls_token: 5 },
      'tokenizer_config.json cls_token: expected a string, got 5',
    ],
    [
      'a negative length',
      vocab,
      { model_max_length: -1 },
      'model_max_length: expected an integer from 3 to 1000000000, got -1',
    ],
    ['no basic tokenisation', vocab, { do_basic_tokenize: false }, 'do_basic_tokenize: expected true, got false'],
    [
      'never_split of a stranger',
      vocab,
      { never_split: ['Zanzibar'] },
      'never_split: expected a token of the vocabulary, got "Zanzibar"',
    ],
    ['never_split that is text', vocab, { never_split: 'a' }, 'never_split: expected an array, got "a"'],
    [
      'an added token with no id',
      vocab,
      { added_tokens_decoder: { x: { content: 'x' } } },
      'added_tokens_decoder["x"]: expected an integer',
    ],
  ])('%s', (_, text, config, message) => {
    const run = () => Tokenizer.fromVocab(text, config);
    expect(run).toThrow(DataError);
    expect(run).toThrow(message);
    expect(run).toThrow(FORM);
  });
});
