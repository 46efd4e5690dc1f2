import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { loadTokenizer } from '../../src/text/load.ts';
import { readText, tinyJson } from './fixtures.ts';

const bytes = (content: unknown) =>
  new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
const vocab = bytes(readText('test/golden/text/cased/vocab.txt'));

describe('loadTokenizer', () => {
  it('prefers tokenizer.json', async () => {
    const source = bytesSource('m', { 'tokenizer.json': bytes(tinyJson()), 'vocab.txt': vocab });
    expect((await loadTokenizer(source)).tokenToId('film')).toBe(7);
  });

  it('reads vocab.txt with tokenizer_config.json', async () => {
    const source = bytesSource('m', {
      'vocab.txt': vocab,
      'tokenizer_config.json': bytes({ do_lower_case: false, model_max_length: 64 }),
    });
    const tokenizer = await loadTokenizer(source);
    expect(tokenizer.modelMaxLength).toBe(64);
    expect(tokenizer.encode('London').tokens).toEqual(['[CLS]', 'London', '[SEP]']);
  });

  it.each([
    ['nothing', {}, 'm: expected tokenizer.json or vocab.txt, got neither'],
    ['no JSON', { 'tokenizer.json': bytes('{"a":\n') }, /^m\/tokenizer.json: expected JSON, got [^\n]+$/],
    [
      'a token twice',
      { 'tokenizer.json': bytes(JSON.stringify(tinyJson()).replace('"vocab":{', '"vocab":{"film":0,')) },
      'm/tokenizer.json: expected each key once, got "film" twice',
    ],
    ['no UTF-8', { 'vocab.txt': Uint8Array.of(0xff, 0xfe) }, 'm/vocab.txt: expected UTF-8, got other bytes'],
    [
      'a broken config',
      { 'vocab.txt': vocab, 'tokenizer_config.json': bytes('x') },
      /^m\/tokenizer_config.json: expected JSON, got [^\n]+$/,
    ],
    ['a wrong tokenizer.json', { 'tokenizer.json': bytes('[]') }, 'm/tokenizer.json: expected an object, got []'],
  ])('refuses %s', async (_, files, message) => {
    const run = loadTokenizer(bytesSource('m', files));
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow(message);
  });
});
