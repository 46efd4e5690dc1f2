import { expect, test } from 'vitest';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import type { ModelSource } from '../../src/model/source.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { tinyModel, tinyShardedModel, tinyTensors } from '../fixtures/tiny-model.ts';
import { readModel } from './helpers.ts';

test('shards read as the single file does', async () => {
  expect(await readModel(tinyShardedModel())).toEqual(await readModel(tinyModel()));
});

test('all tensors are known before data is read, and what is left unread is passed over', async () => {
  const checkpoint = await openCheckpoint(bytesSource('m', tinyModel()), 'model');
  const expected = new Map(tinyTensors().map(({ name, bytes }) => [name, bytes]));
  expect(checkpoint.tensors.map(({ name }) => name).sort()).toEqual([...expected.keys()].sort());
  const seen: string[] = [];
  for await (const { name, byteLength, read } of checkpoint) {
    seen.push(name);
    const half = new Uint8Array(Math.floor(byteLength / 2));
    if (seen.length % 3 === 0) continue;
    await read(half);
    expect(half).toEqual(expected.get(name)?.subarray(0, half.length));
  }
  expect(seen).toEqual(checkpoint.tensors.map(({ name }) => name));
});

test('a tensor gives no byte of the next', async () => {
  for await (const { byteLength, read } of await openCheckpoint(bytesSource('m', tinyModel()), 'model')) {
    await expect(read(new Uint8Array(byteLength + 1))).rejects.toThrow(RangeError);
  }
});

test('every file that was opened is closed, where an error comes too', async () => {
  for (const files of [
    tinyModel(),
    tinyShardedModel(),
    { ...tinyShardedModel(), 'model-2.safetensors': new Uint8Array(9) },
  ]) {
    const open = new Set<string>();
    const inner = bytesSource('m', files);
    const source: ModelSource = {
      name: 'm',
      async open(file) {
        const reader = await inner.open(file);
        if (!reader) return undefined;
        open.add(file);
        return { ...reader, close: async () => void open.delete(file) };
      },
    };
    await readModel(source).catch(() => {});
    expect(open).toEqual(new Set());
  }
});
