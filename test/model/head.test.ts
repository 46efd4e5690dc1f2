import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { Head, type HeadConfig, headShapes } from '../../src/model/head.ts';
import { readHeader } from '../../src/model/safetensors.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { random } from '../fixtures/random.ts';

const config: HeadConfig = {
  task: 'sequence',
  labels: ['"no"', 'yes \\ très'],
  problemType: 'single_label_classification',
  pooling: 'layers',
  preClassifier: true,
  dim: 16,
  width: 48,
  encoder: '0'.repeat(64),
};
const next = random(1);
const values = (shape: readonly number[]) => Float32Array.from({ length: shape.reduce((a, b) => a * b) }, next);
const tensors = new Map(Array.from(headShapes(config), ([name, shape]) => [name, values(shape)]));
const bytes = new Head(config, tensors).save();

test('a saved head is a safetensors file, and loads as it was', async () => {
  const reader = await bytesSource('m', { head: bytes }).open('head');
  const infos = await readHeader(reader as NonNullable<typeof reader>, 'head');
  expect(infos.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
    ['pre_classifier.weight', 'F32', [16, 48]],
    ['pre_classifier.bias', 'F32', [16]],
    ['classifier.weight', 'F32', [2, 16]],
    ['classifier.bias', 'F32', [2]],
  ]);
  const head = Head.load(bytes);
  expect(head.config).toEqual(config);
  expect(head.tensors).toEqual(tensors);
  expect(head.save()).toEqual(bytes);
  // As readFile gives it: a view of a larger buffer.
  expect(Head.load(Buffer.from(bytes)).tensors).toEqual(tensors);
});

test('every byte cut off is an error', () => {
  for (let length = 0; length < bytes.length; length += length < 800 ? 1 : 97) {
    expect(() => Head.load(bytes.subarray(0, length)), String(length)).toThrow(DataError);
  }
});

test('a changed byte in the header is one error or a valid head', () => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  for (let at = 0; at < 8 + length; at++) {
    for (const flip of [1, 0x20, 0xff]) {
      const changed = bytes.slice();
      changed[at] ^= flip;
      try {
        expect(Head.load(changed)).toBeInstanceOf(Head);
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(DataError);
        expect((error as Error).message).not.toMatch(/\n/);
      }
    }
  }
});

test('tensors that do not fit the config are errors', () => {
  const without = new Map(tensors);
  without.delete('classifier.bias');
  expect(() => new Head(config, without)).toThrow('classifier.bias: expected 2 values [2], got none');
  expect(() => new Head(config, new Map([...tensors, ['x', new Float32Array(1)]]))).toThrow(
    'x: expected pre_classifier',
  );
  const infinite = new Map([...tensors, ['classifier.bias', Float32Array.of(0, Infinity)]]);
  expect(() => new Head(config, infinite)).toThrow('classifier.bias: expected finite values, got Infinity at index 1');
});
