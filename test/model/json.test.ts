import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { parseJson, show } from '../../src/model/json.ts';
import { utf8 } from '../fixtures/tiny-model.ts';

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom('', ' ', '\n'), (text, space) => {
      expect(parseJson(utf8(text + space), 'a')).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  [`{"a":"\\":","b":1,"b" :2}`, 'expected each key once, got "b" twice'],
  ['{"a":1,"a":2}', 'expected each key once, got "a" twice'],
  ['{"a":1,"\\u0061":2}', 'expected each key once, got "a" twice'],
  ['[{"a":{"b":1}},{"x":[{"b":1,"c":"b","b":2}]}]', 'expected each key once, got "b" twice'],
  ['{"a\\"":"{","a\\"":"}"}', 'expected each key once, got "a\\"" twice'],
  [`${'['.repeat(65)}${']'.repeat(65)}`, 'expected at most 64 levels, got more'],
  ['{"a":', 'expected JSON, got "{\\"a\\":"'],
  ['\uFEFF{}', 'expected JSON, got "\uFEFF{}"'],
])('rejects %s', (text, message) => {
  expect(() => parseJson(utf8(text), 'f.json')).toThrow(new DataError(`f.json: ${message}`));
});

test('colons and quotes in strings hide no duplicate and make none', () => {
  const vocabulary = String.raw`{":":0,"\"":1,"\\":2,"\":":3,"a:":4 , "b" : [{"c":":"},"d",5]}`;
  expect(parseJson(utf8(vocabulary), 'f.json')).toEqual(JSON.parse(vocabulary));
  const twice = vocabulary.replace('"a:"', '":"');
  expect(() => parseJson(utf8(twice), 'f.json')).toThrow('f.json: expected each key once, got ":" twice');
});

test('the same key in different objects and in strings is no duplicate', () => {
  const text = '{"a":{"a":1},"b":[{"a":2},{"a":"\\"a\\":"}],"c":"a","d":"\\":"}';
  expect(parseJson(utf8(text), 'f.json')).toEqual(JSON.parse(text));
});

test('rejects bytes that are no UTF-8', () => {
  expect(() => parseJson(Uint8Array.of(0x7b, 0xff, 0x7d), 'f.json')).toThrow('f.json: expected UTF-8, got other bytes');
});

test('values in messages are short and on one line', () => {
  expect(show('a\nb\u2028c\u0085\ud800')).toBe('"a\\nb\\u2028c\\u0085\\ud800"');
  expect(show('x'.repeat(200))).toHaveLength(80);
  expect(show(undefined)).toBe('undefined');
});
