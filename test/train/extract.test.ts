import { expect, test } from 'vitest';
import { type ExtractOptions, extractFeatures } from '../../src/train/extract.ts';
import type { FeatureSet } from '../../src/train/features.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import type { TrainingRows } from '../../src/train/rows.ts';
import { FakeModel, tokenizer } from '../tasks/fakes.ts';

/** Hidden states [T, 2] hold id and id + 1/8; features [B, 2] the number of tokens and the last id. */
function fakeEncoder() {
  const model = new FakeModel(() => []);
  const features = (batch: readonly Int32Array[]) => {
    model.calls.push(batch.length);
    return Float32Array.from(batch.flatMap((ids) => [ids.length, ids[ids.length - 2]]));
  };
  return Object.assign(model, { features, tokenFeatures: model.hiddenStates });
}

const id = (token: string) => tokenizer.tokenToId(token) as number;

async function extract(rows: TrainingRows, options: Partial<ExtractOptions>) {
  const model = fakeEncoder();
  const set = await extractFeatures({ model, tokenizer }, rows, {
    kind: 'single',
    ids: rows.map(() => [0]),
    labels: 2,
    pooling: 'mean',
    newFeatures: (width) => new MemoryFeatures(width),
    ...options,
  });
  return { ...set, model };
}

function vectors({ features }: FeatureSet): number[][] {
  const all = new Float32Array(features.count * features.width);
  features.read(0, features.count, all);
  return Array.from({ length: features.count }, (_, i) => [
    ...all.subarray(i * features.width, (i + 1) * features.width),
  ]);
}

test('each word has the vector of its first token and its own label', async () => {
  const rows = [
    { tokens: ['we', 'zzz', '\u0001', 'film'], tags: ['O', 'A', 'B', 'C'] },
    { tokens: [], tags: [] },
    { tokens: ['\u0001'], tags: ['O'] },
    { tokens: ['bad', 'zzz', 'we'], tags: ['C', 'A', 'O'] },
  ];
  const ids = [[0, 1, 2, 3], [], [0], [3, 1, 0]];
  const set = await extract(rows, { kind: 'token', ids, labels: 4, maxLength: 6 });
  const vector = (token: string) => [id(token), id(token) + 1 / 8];
  // Of six tokens [CLS] and [SEP] leave four: film and the second we are cut.
  expect(vectors(set)).toEqual([vector('we'), vector('z'), vector('bad'), vector('z')]);
  expect([...set.starts]).toEqual([0, 2, 2, 2, 4]);
  expect([...set.targets]).toEqual([0, 1, 3, 1]);
  expect([...set.words]).toEqual([0, 1, 0, 1]);
  expect(set.truncated).toBe(2);
});

test('texts are read in passes of at most 512 tokens, in order', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    text: 'we '.repeat(30) + (i % 2 ? 'bad' : 'film'),
    label: 'a',
  }));
  const done: number[] = [];
  const ids = rows.map((_, i) => [i % 2]);
  const set = await extract(rows, { ids, onRows: (count) => done.push(count) });
  // 31 words and two special tokens: 15 rows make 495.
  expect(set.model.calls).toEqual([15, 15, 10]);
  expect(done).toEqual([15, 30, 40]);
  expect(vectors(set)).toEqual(rows.map((_, i) => [33, id(i % 2 ? 'bad' : 'film')]));
  expect([...set.targets]).toEqual(ids.flat());
  expect([...set.starts]).toEqual(Array.from({ length: 41 }, (_, i) => i));
  const cut = await extract(rows.slice(0, 1), { maxLength: 5 });
  expect(vectors(cut)).toEqual([[5, id('we')]]);
  expect([set.truncated, cut.truncated]).toEqual([0, 1]);
});

test('several labels are a row of 0 and 1', async () => {
  const rows = [
    { text: 'we', label: ['a', 'c'] },
    { text: 'we', label: [] },
  ];
  const { targets } = await extract(rows, { kind: 'multi', ids: [[0, 2], []], labels: 3 });
  expect(targets).toEqual(Float32Array.of(1, 0, 1, 0, 0, 0));
});
