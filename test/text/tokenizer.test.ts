import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { readText, tinyJson, uncasedJson } from './fixtures.ts';

const tokenizer = Tokenizer.fromJSON(uncasedJson());

describe('vocabulary', () => {
  it('maps tokens to ids and back', () => {
    expect(tokenizer.vocabSize).toBe(30522);
    expect(tokenizer.tokenToId('film')).toBe(2143);
    expect(tokenizer.idToToken(2143)).toBe('film');
    expect(tokenizer.tokenToId('no such token')).toBeUndefined();
    expect(tokenizer.idToToken(30522)).toBeUndefined();
  });

  it('counts added tokens in', () => {
    const json = uncasedJson();
    json.added_tokens.push({ ...json.added_tokens[0], id: 30525, content: '<new>' });
    const more = Tokenizer.fromJSON(json);
    expect(more.vocabSize).toBe(30526);
    expect(more.tokenToId('<new>')).toBe(30525);
    expect(more.idToToken(30525)).toBe('<new>');
    expect([...more.encode('a<new>b').ids]).toEqual([101, 1037, 30525, 1038, 102]);
  });

  it('does not find an added token inside a word as a word piece', () => {
    const json = tinyJson();
    json.added_tokens.push({ ...json.added_tokens[0], id: 9, content: 'aab', single_word: true });
    expect(Tokenizer.fromJSON(json).encode('aab aaba').tokens).toEqual([
      '[CLS]',
      'aab',
      'a',
      '##a',
      '##b',
      '##a',
      '[SEP]',
    ]);
  });
});

it('takes words of up to 100 code points', () => {
  const json = tinyJson();
  Object.assign(json.model.vocab, { '😀': 9, '##😀': 10 });
  const tiny = Tokenizer.fromJSON(json);
  for (const [unit, id] of [
    ['a', 4],
    ['😀', 10],
  ] as const) {
    expect(tiny.encode(unit.repeat(100)).ids.length).toBe(102);
    expect(tiny.encode(unit.repeat(100)).ids[100]).toBe(id);
    expect([...tiny.encode(unit.repeat(101)).ids]).toEqual([1, 0, 2]);
  }
});

describe('modelMaxLength', () => {
  it('comes from tokenizer_config.json, else from tokenizer.json, else there is none', () => {
    expect(tokenizer.modelMaxLength).toBe(512);
    expect(Tokenizer.fromJSON(uncasedJson(), { model_max_length: 128 }).modelMaxLength).toBe(128);
    expect(Tokenizer.fromJSON(uncasedJson(), { model_max_length: 1e30 }).modelMaxLength).toBe(512);
    expect(Tokenizer.fromJSON(tinyJson()).modelMaxLength).toBe(Number.POSITIVE_INFINITY);
  });

  it('survives toJSON()', () => {
    const limited = Tokenizer.fromJSON(tinyJson(), { model_max_length: 128 });
    expect(Tokenizer.fromJSON(limited.toJSON()).modelMaxLength).toBe(128);
    expect(Tokenizer.fromJSON(Tokenizer.fromJSON(tinyJson()).toJSON()).modelMaxLength).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('truncation', () => {
  const long = 'film '.repeat(600);

  it('cuts to the limit of the model and says so', () => {
    const cut = tokenizer.encode(long);
    expect(cut.ids.length).toBe(512);
    expect(cut.ids[511]).toBe(102);
    expect(cut.truncated).toBe(true);
    expect(cut.overflowing).toEqual([]);
    expect(tokenizer.encode('film').truncated).toBe(false);
  });

  it('can be left out', () => {
    const whole = tokenizer.encode(long, { truncation: false });
    expect(whole.ids.length).toBe(602);
    expect(whole.truncated).toBe(false);
  });

  it('gives the same first window with and without stride', () => {
    const options = { pair: long, maxLength: 64 };
    const { overflowing, ...first } = tokenizer.encode(long, { ...options, stride: 8 });
    const { overflowing: none, ...cut } = tokenizer.encode(long, options);
    expect(first).toEqual(cut);
    expect(overflowing.length).toBeGreaterThan(100);
    expect(none).toEqual([]);
  });

  it.each([
    [{ maxLength: 2 }, 'maxLength: expected an integer of at least 3, got 2'],
    [{ maxLength: 4, pair: 'x' }, 'maxLength: expected an integer of at least 5, got 4'],
    [{ maxLength: 7.5 }, 'maxLength: expected an integer of at least 3, got 7.5'],
    [{ maxLength: Number.NaN }, 'maxLength: expected an integer of at least 3, got NaN'],
    [{ stride: -1 }, 'stride: expected an integer of at least 0, got -1'],
    [{ maxLength: 8, stride: 6 }, 'stride: expected less than the 6 tokens of a window, got 6'],
    [{ truncation: 'only_second' as const }, 'truncation: expected a pair for "only_second", got one text'],
    [
      { truncation: 'only_second' as const, pair: 'x' },
      'truncation: expected "only_second" to leave a token of that text, got other texts that fill maxLength',
    ],
    [
      { pair: 'film '.repeat(40_000), stride: 250 },
      /^stride: expected windows of at most 16777216 tokens in all, got \d+$/,
    ],
  ])('refuses %j', (options, message) => {
    expect(() => tokenizer.encode(long, options)).toThrow(UsageError);
    expect(() => tokenizer.encode(long, options)).toThrow(message);
  });
});

it('refuses what is no string', () => {
  for (const [text, got] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, 'number'],
  ] as const) {
    expect(() => tokenizer.encode(text as unknown as string)).toThrow(
      new UsageError(`text: expected a string, got ${got}`),
    );
  }
  expect(() => tokenizer.encode('a', { pair: null as unknown as string })).toThrow('text: expected a string, got null');
});

describe('lone surrogates', () => {
  it('are read as U+FFFD, which cleaning removes', () => {
    for (const text of ['fi\ud83dlm', 'fi\ude00lm', '\udfff\ud800film\ud83d', 'film\ud83d']) {
      const found = tokenizer.encode(text);
      expect(found.tokens).toEqual(['[CLS]', 'film', '[SEP]']);
      expect(text.slice(found.offsets[2], found.offsets[3]).replace(/[\ud800-\udfff]/g, '')).toBe('film');
    }
    expect(tokenizer.encode('\ud800').tokens).toEqual(['[CLS]', '[SEP]']);
    expect(tokenizer.encode('a \ud83d\ude00 b\ude00').tokens).toEqual(['[CLS]', 'a', '[UNK]', 'b', '[SEP]']);
  });

  it('are U+FFFD where the text is not cleaned', () => {
    const json = tinyJson();
    json.normalizer.clean_text = false;
    json.model.vocab['\ufffd'] = 9;
    expect(Tokenizer.fromJSON(json).encode('\ud800 a').tokens).toEqual(['[CLS]', '\ufffd', 'a', '[SEP]']);
  });
});

describe('vocab.txt', () => {
  const vocab = readText('test/golden/text/cased/vocab.txt');

  it('never splits what never_split names', () => {
    const config = { do_lower_case: true, never_split: ['Paris', 'C', '(', 'New'] };
    const cased = Tokenizer.fromVocab(vocab, config);
    expect(cased.encode('Paris paris New (C)').tokens).toEqual([
      '[CLS]',
      'Paris',
      'p',
      '##a',
      '##r',
      '##i',
      '##s',
      'New',
      '(',
      'C',
      ')',
      '[SEP]',
    ]);
    expect(cased.encode('Parisian').tokens).not.toContain('Paris');
  });

  it('takes added tokens from added_tokens_decoder', () => {
    const id = Tokenizer.fromVocab(vocab).vocabSize;
    const config = { added_tokens_decoder: { [id]: { content: '<x>', lstrip: true, special: true } } };
    const more = Tokenizer.fromVocab(vocab, config);
    expect(more.vocabSize).toBe(id + 1);
    expect(more.encode('a <x>').ids[2]).toBe(id);
  });

  it('needs no [MASK] and no [PAD]', () => {
    const few = Tokenizer.fromVocab('[UNK]\n[CLS]\n[SEP]\na\n');
    expect([...few.encode('a [MASK]').ids]).toEqual([1, 3, 0, 0, 0, 2]);
  });

  it('trims lines, counts empty ones and lets the later of two equal lines count', () => {
    const odd = Tokenizer.fromVocab('[UNK]\r\n[CLS] \n[SEP]\n\na\nb\u3000\na');
    expect(odd.tokenToId('a')).toBe(6);
    expect(odd.tokenToId('b')).toBe(5);
    expect(odd.idToToken(4)).toBeUndefined();
    expect(odd.vocabSize).toBe(7);
  });

  it('loads again from toJSON()', () => {
    const first = Tokenizer.fromVocab(vocab, { do_lower_case: false, never_split: ['Paris'] });
    const again = Tokenizer.fromJSON(JSON.parse(JSON.stringify(first.toJSON())));
    const text = 'The film Parisian Paris. [MASK] München';
    expect(again.encode(text)).toEqual(first.encode(text));
  });
});
