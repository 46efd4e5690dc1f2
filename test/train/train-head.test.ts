import { beforeAll, describe, expect, test } from 'vitest';
import { Model } from '../../src/engine/model.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { loadConfig } from '../../src/model/config.ts';
import { Head } from '../../src/model/head.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { textClassification } from '../../src/tasks/text-classification.ts';
import { MemoryCheckpoints } from '../../src/train/checkpoints.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import {
  type EvaluatedRows,
  type SequenceRow,
  type TokenRow,
  type TrainHeadOptions,
  type TrainingProgress,
  trainHead,
} from '../../src/train/train-head.ts';
import { binaries } from '../fixtures/kernels.ts';
import { json, tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';
import { tokenizer } from '../tasks/fakes.ts';

const GOOD = ['good', 'fine', 'moving', 'quiet film', 'not bad'];
const BAD = ['bad', 'dull', 'not good', 'a dull day', 'bad film'];
const rows: SequenceRow[] = Array.from({ length: 60 }, (_, i) => {
  const words = i % 2 ? GOOD : BAD;
  return { text: `${words[i % 5]} ${'story we saw in the film'.slice(0, i % 25)}`, label: i % 2 ? 'good' : 'bad' };
});
const several: SequenceRow[] = rows.map(({ text }) => ({
  text,
  label: ['dull', 'film', 'story'].filter((word) => text.includes(word)),
}));
const sentences: TokenRow[] = Array.from({ length: 40 }, (_, i) => ({
  tokens: ['we', 'saw', 'ann', 'lee', i % 3 ? 'in' : '\u0001', 'story', '1'].slice(0, 4 + (i % 4)),
  tags: ['O', 'O', 'B-PER', 'I-PER', 'O', 'B-LOC', 'O'].slice(0, 4 + (i % 4)),
}));
const KINDS = { texts: rows, several, sentences };

let model: Model;
const load = async (files = tinyModel()) => {
  const source = bytesSource('tiny', files);
  return Model.load(source, await loadConfig(source), binaries);
};
beforeAll(async () => {
  model = await load();
});

const FAST = { num_train_epochs: 3, per_device_train_batch_size: 8, learning_rate: 0.02 };
const train = (given: Partial<TrainHeadOptions> = {}, of: readonly SequenceRow[] | readonly TokenRow[] = rows) =>
  trainHead(of, { encoder: { model, tokenizer }, ...FAST, ...given });

test('a head learns, and a pipeline takes it', async () => {
  const { head, metrics, log, labelCounts, evaluation } = await train({ num_train_epochs: 20 });
  expect(head.config).toMatchObject({ task: 'sequence', labels: ['bad', 'good'], pooling: 'layers', width: 96 });
  expect(metrics.eval_accuracy).toBeGreaterThan(0.8);
  expect(labelCounts).toEqual([27, 27]);
  expect(evaluation?.rows).toHaveLength(6);
  const losses = log.flatMap(({ loss }) => loss ?? []);
  expect(losses[0]).toBeGreaterThan(losses[losses.length - 1]);
  const classify = textClassification(model, tokenizer);
  classify.use(Head.load(head.save()));
  expect((await classify('a dull film'))[0].label).toBe('bad');
  const held = evaluation as NonNullable<typeof evaluation>;
  const texts = (held.rows as SequenceRow[]).map(({ text }) => text);
  const scores = await classify(texts, { top_k: 2 });
  expect(scores.map((each) => Object.fromEntries(each.map(({ label, score }) => [label, score])))).toEqual(
    texts.map((_, i) => ({ bad: held.scores[2 * i], good: held.scores[2 * i + 1] })),
  );
});

describe.each(Object.entries(KINDS))('%s', (_, of) => {
  test('the same bits again', async () => {
    const first = await train({}, of);
    const again = await train({}, of);
    expect(again.head.save()).toEqual(first.head.save());
    expect(again.metrics).toEqual(first.metrics);
    expect((await train({ seed: 7 }, of)).head.save()).not.toEqual(first.head.save());
  });

  test('aborted anywhere and resumed, the same head', async () => {
    const whole = await train({}, of);
    for (const stop of [1, 7, 13, whole.state.global_step]) {
      const checkpoints = new MemoryCheckpoints();
      const abort = new AbortController();
      const onProgress = (each: TrainingProgress) => {
        if (each.phase === 'training' && each.step === stop) abort.abort();
      };
      await train({ checkpoints, signal: abort.signal, onProgress }, of).catch((error) => {
        expect(error).toBe(abort.signal.reason);
      });
      const resumed = await train({ checkpoints, resume: true }, of);
      expect(resumed.head.save()).toEqual(whole.head.save());
      expect(resumed.metrics).toEqual(whole.metrics);
    }
  });
});

test('each kind of rows has its head and its metric', async () => {
  const multi = await train({ head: 'distilbert', pooling: 'mean', dropout: 0.2 }, several);
  expect(multi.head.config).toMatchObject({
    problemType: 'multi_label_classification',
    preClassifier: true,
    width: 32,
  });
  expect(multi.arguments.metric_for_best_model).toBe('f1');
  const labelled = (label: string) => several.filter((row) => row.label.includes(label)).length;
  const { logits, scores, targets } = multi.evaluation as EvaluatedRows;
  const heldOf = (id: number) => (targets as Float32Array).filter((_, i) => i % 3 === id);
  expect(multi.head.config.labels).toHaveLength(3);
  expect(multi.labelCounts).toEqual(
    multi.head.config.labels.map((label, id) => labelled(label) - heldOf(id).reduce((a, b) => a + b, 0)),
  );
  for (const [i, logit] of logits.entries()) expect(scores[i]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
  const token = await train({ class_weights: 'balanced', num_train_epochs: 10 }, sentences);
  expect(token.head.config).toMatchObject({
    task: 'token',
    labels: ['O', 'B-LOC', 'B-PER', 'I-PER'],
    pooling: 'layers',
  });
  expect(token.metrics.eval_f1).toBe(1);
  // Words of no token have no label.
  const words = sentences.flatMap(({ tokens }) => tokens).filter((word) => word !== '\u0001');
  const held = token.evaluation?.words.length ?? 0;
  expect(token.labelCounts.reduce((a, b) => a + b)).toBe(words.length - held);
});

test('progress counts all rows once, then every step', async () => {
  const seen: TrainingProgress[] = [];
  await train({ onProgress: (progress) => seen.push(progress), num_train_epochs: 1 });
  const features = seen.filter((each) => each.phase === 'features');
  expect(features.at(-1)).toEqual({ phase: 'features', rows: 60, total: 60 });
  expect(features.map(({ rows }) => rows)).toEqual(features.map(({ rows }) => rows).toSorted((a, b) => a - b));
  expect(seen.filter((each) => each.phase === 'training').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('the head knows which encoder it was made for', async () => {
  const files = await tinyOwnModel();
  const own = await load(files);
  const { head } = await train({ encoder: { model: own, tokenizer }, num_train_epochs: 1 });
  const { bertwasm } = JSON.parse(new TextDecoder().decode(files['config.json']));
  expect(head.config.encoder).toBe(bertwasm.files['encoder.safetensors'].sha256);
});

test('features may be kept elsewhere, and are closed at the end', async () => {
  const kept: MemoryFeatures[] = [];
  const newFeatures = (width: number) => {
    kept.push(new MemoryFeatures(width));
    return kept[kept.length - 1];
  };
  const elsewhere = await train({ newFeatures });
  expect(elsewhere.head.save()).toEqual((await train()).head.save());
  expect(kept.map(({ width, count }) => [width, count])).toEqual([
    [96, 0],
    [96, 0],
  ]);
});

test('an abort is heard while features are made', async () => {
  const abort = new AbortController();
  const onProgress = () => abort.abort('stop');
  const kept: MemoryFeatures[] = [];
  const newFeatures = (width: number) => {
    kept.push(new MemoryFeatures(width));
    return kept[0];
  };
  await expect(train({ signal: abort.signal, onProgress, newFeatures })).rejects.toBe('stop');
  expect(kept.map(({ count }) => count)).toEqual([0]);
});

test('checkpoints have the files that were asked for', async () => {
  const checkpoints = new MemoryCheckpoints();
  const checkpointFiles = (head: Head) => ({ 'labels.txt': new TextEncoder().encode(head.config.labels.join()) });
  await train({ checkpoints, checkpointFiles, num_train_epochs: 1 });
  const files = await checkpoints.load(7);
  expect(Object.keys(files).sort()).toEqual([
    'head.safetensors',
    'labels.txt',
    'optimizer.safetensors',
    'trainer_state.json',
  ]);
});

test('evaluation rows of their own are all measured, and all rows trained on', async () => {
  const { trainingRows, evaluation } = await train({ evaluation: rows.slice(0, 9), num_train_epochs: 1 });
  expect(trainingRows).toBe(60);
  expect(evaluation?.targets).toHaveLength(9);
  const none = await train({ validation_split: 0, num_train_epochs: 1 });
  expect(none).toMatchObject({ trainingRows: 60, metrics: {}, evaluation: undefined });
});

test.each<[string, Partial<TrainHeadOptions>, readonly SequenceRow[] | readonly TokenRow[], string]>([
  ['no rows', {}, [], 'rows: expected rows, got none'],
  ['one class', {}, [rows[0], rows[2]], 'labels: expected at least 2, got 1 ("bad")'],
  [
    'an unknown label',
    { labels: ['good', 'better'] },
    rows,
    'rows[0]: expected a label of "good", "better", got "bad"',
  ],
  [
    'an unseen label',
    { evaluation: [{ text: 'x', label: 'odd', place: 'dev.tsv:2' }] },
    rows,
    'dev.tsv:2: expected a label of "bad", "good", got "odd"',
  ],
  ['no evaluation rows', { evaluation: [] }, rows, 'evaluation: expected rows, got none'],
])('%s', async (_, given, of, message) => {
  await expect(train(given, of)).rejects.toThrow(new DataError(message));
});

const faults: [object, readonly SequenceRow[] | readonly TokenRow[], string][] = [
  [{ learning_rate: Number.NaN }, rows, 'learning_rate: expected a number above 0, got NaN'],
  [{ encoder: undefined }, rows, 'encoder: expected a pipeline, got none'],
  [{ epochs: 3 }, rows, 'epochs'],
  [{ max_length: 65 }, rows, 'max_length: expected a whole number from 3 to 64, got 65'],
  [{ max_length: 2 }, sentences, 'max_length: expected a whole number from 3 to 64, got 2'],
  [{ pooling: 'mean' }, sentences, 'pooling: expected cls or layers, as token heads have no mean, got mean'],
  [{ head: 'distilbert' }, sentences, 'head: expected linear, as token heads are, got distilbert'],
  [{ class_weights: 'balanced' }, several, 'class_weights: expected none where rows have several labels, got balanced'],
  [{ evaluation: sentences }, rows, 'evaluation: expected rows like those to train on, got others'],
  [
    { evaluation: rows, validation_split: 0.1 },
    rows,
    'validation_split: expected none beside evaluation rows, got 0.1',
  ],
  [{ validation_split: 0, eval_strategy: 'epoch' }, rows, 'eval_strategy: expected no'],
];
test.each(faults.map(([given, of, message]) => ({ given, of, message })))(
  '$message',
  async ({ given, of, message }) => {
    const call = train(given, of);
    await expect(call).rejects.toThrow(UsageError);
    await expect(call).rejects.toThrow(message);
  },
);

test.each(['encoder.safetensors', 'tokenizer.json'])('a run is not resumed with another %s', async (name) => {
  const files = await tinyOwnModel();
  const config = JSON.parse(new TextDecoder().decode(files['config.json']));
  config.bertwasm.files[name].sha256 = '0'.repeat(64);
  const [own, other] = [await load(files), await load({ ...files, 'config.json': json(config) })];
  const checkpoints = new MemoryCheckpoints();
  const options = { checkpoints, num_train_epochs: 1 };
  await train({ ...options, encoder: { model: own, tokenizer } });
  // The same vectors, as an encoder has that differs in words of other rows.
  await expect(train({ ...options, encoder: { model: other, tokenizer }, resume: true })).rejects.toThrow(
    'expected the data and the encoder of the unfinished run, got others',
  );
  await train({ ...options, encoder: { model: own, tokenizer }, resume: true });
});

test('rows that are cut are counted, of both sets', async () => {
  const long = { text: 'film '.repeat(5), label: 'good' };
  const given = { evaluation: [...rows.slice(0, 3), long, long], num_train_epochs: 1 };
  expect((await train(given, [...rows.slice(0, 8), long])).truncated).toBe(0);
  const short = rows.filter(({ text }) => tokenizer.encode(text).ids.length <= 6);
  expect(
    (await train({ ...given, max_length: 6, evaluation: [long, long, short[0]] }, [...short, long])).truncated,
  ).toBe(3);
});

test('a run is not resumed with other rows to evaluate on, nor with rows cut elsewhere', async () => {
  const checkpoints = new MemoryCheckpoints();
  const given = { checkpoints, num_train_epochs: 1, evaluation: rows.slice(0, 4), max_length: 8 };
  await train(given);
  for (const other of [{ evaluation: rows.slice(0, 5) }, { max_length: 7 }, { max_length: undefined }]) {
    await expect(train({ ...given, ...other, resume: true })).rejects.toThrow(
      'expected the data and the encoder of the unfinished run, got others',
    );
  }
  await train({ ...given, resume: true });
});

test('labels that are no array are told', async () => {
  const labels = 'good,bad' as unknown as string[];
  await expect(train({ labels })).rejects.toThrow(new UsageError('labels: expected an array of names, got "good,bad"'));
});

test('a run is not resumed with other rows', async () => {
  const checkpoints = new MemoryCheckpoints();
  await train({ checkpoints, num_train_epochs: 1 });
  const others = [...rows.slice(0, -1), { text: 'another one', label: 'good' }];
  await expect(train({ checkpoints, num_train_epochs: 1, resume: true }, others)).rejects.toThrow(
    'expected the data and the encoder of the unfinished run, got others',
  );
});
