import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { parseConfig } from '../../src/model/config.ts';
import { canonicalName, expectedTensors } from '../../src/model/names.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { type Files, type FileTensor, json, safetensorsFile, tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';
import { readModel } from './helpers.ts';

const GOLDEN = new URL('../golden/model/', import.meta.url);

async function bert(): Promise<Files> {
  const read = async (file: string) => new Uint8Array(await readFile(new URL(`bert/${file}`, GOLDEN)));
  return { 'config.json': await read('config.json'), 'model.safetensors': await read('model.safetensors') };
}

async function tensorsOf(files: Files): Promise<FileTensor[]> {
  const tensors: FileTensor[] = [];
  for await (const { name, dtype, shape, byteLength, read } of await openCheckpoint(bytesSource('b', files), 'model')) {
    const bytes = new Uint8Array(byteLength);
    await read(bytes);
    tensors.push({ name, dtype, shape, bytes });
  }
  return tensors;
}

const digests = (tensors: Map<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries(Array.from(tensors, ([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]));

const golden = JSON.parse(await readFile(new URL('bert-converted.json', GOLDEN), 'utf8'));

test('a BERT converts to the DistilBERT that transformers agrees with, bit for bit', async () => {
  expect(digests(await readModel(await bert()))).toEqual(golden.sha256);
});

test('so does one with a prefix, gamma and beta, position ids, pre-training heads and another order', async () => {
  const files = await bert();
  const tensors = (await tensorsOf(files)).map((tensor) => ({
    ...tensor,
    name: `bert.${tensor.name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta')}`,
  }));
  const extra = ['bert.embeddings.position_ids', 'cls.predictions.bias', 'cls.seq_relationship.weight'].map((name) => ({
    name,
    dtype: 'I64' as const,
    shape: [1],
    bytes: new Uint8Array(8),
  }));
  files['model.safetensors'] = safetensorsFile([...extra, ...tensors.reverse()]);
  expect(digests(await readModel(files))).toEqual(golden.sha256);
});

test('a BERT for token classification keeps its head', async () => {
  const files = await bert();
  const config = JSON.parse(new TextDecoder().decode(files['config.json']));
  files['config.json'] = json({
    ...config,
    architectures: ['BertForTokenClassification'],
    id2label: { 0: 'O', 1: 'X' },
  });
  const head: FileTensor[] = [
    { name: 'classifier.weight', dtype: 'F32', shape: [2, 32], bytes: new Uint8Array(256).fill(1) },
    { name: 'classifier.bias', dtype: 'F32', shape: [2], bytes: new Uint8Array(8).fill(2) },
  ];
  const encoder = (await tensorsOf(files)).map((tensor) => ({ ...tensor, name: `bert.${tensor.name}` }));
  files['model.safetensors'] = safetensorsFile([...encoder, ...head]);
  const tensors = await readModel(files);
  expect(tensors.get('classifier.weight')).toEqual(head[0].bytes);
  expect(tensors.size).toBe(Object.keys(golden.sha256).length + 2);
});

test.each(['sequence', 'token', 'none'] as const)('every expected tensor comes once: %s', async (head) => {
  for (const files of [tinyModel(head), await tinyOwnModel(head)]) {
    const config = parseConfig(JSON.parse(new TextDecoder().decode(files['config.json'])), 'config.json');
    const tensors = await readModel(files);
    expect([...tensors.keys()].sort()).toEqual([...expectedTensors(config).keys()].sort());
  }
});

test.each([
  ['distilbert.embeddings.LayerNorm.gamma', 'distilbert', 'embeddings.LayerNorm.weight'],
  ['embeddings.word_embeddings.weight', 'distilbert', 'embeddings.word_embeddings.weight'],
  ['vocab_projector.bias', 'distilbert', undefined],
  ['distilbert.embeddings.position_ids', 'distilbert', undefined],
  ['bert.pooler.dense.weight', 'bert', undefined],
  ['bert.encoder.layer.11.attention.output.LayerNorm.beta', 'bert', 'transformer.layer.11.sa_layer_norm.bias'],
  ['encoder.layer.0.constructor.weight', 'bert', 'encoder.layer.0.constructor.weight'],
  ['poolers.weight', 'bert', 'poolers.weight'],
] as const)('%s of a %s is %s', (raw, modelType, name) => {
  expect(canonicalName(raw, modelType)).toBe(name);
});
