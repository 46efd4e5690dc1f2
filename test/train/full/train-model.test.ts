import { beforeAll, describe, expect, test } from 'vitest';
import { Model } from '../../../src/engine/model.ts';
import { UsageError } from '../../../src/errors.ts';
import { loadConfig } from '../../../src/model/config.ts';
import { floatWeights } from '../../../src/model/float-weights.ts';
import { huggingFaceFiles } from '../../../src/model/hugging-face.ts';
import { bytesSource } from '../../../src/model/sources/bytes.ts';
import { textClassification } from '../../../src/tasks/text-classification.ts';
import { loadTokenizer } from '../../../src/text/load.ts';
import { MemoryCheckpoints } from '../../../src/train/checkpoints.ts';
import { type TrainModelOptions, trainModel } from '../../../src/train/full/train-model.ts';
import type { SequenceRow, TokenRow, TrainingProgress } from '../../../src/train/train-head.ts';
import { binaries } from '../../fixtures/kernels.ts';
import { tinyModel, tinyOwnModel } from '../../fixtures/tiny-model.ts';

const rows: SequenceRow[] = Array.from({ length: 40 }, (_, i) => ({
  text: `${i % 2 ? 'a good' : 'a bad'} ${'story we saw in the film'.slice(0, i % 25)}`,
  label: i % 2 ? 'good' : 'bad',
}));
const several: SequenceRow[] = rows.map(({ text }) => ({
  text,
  label: ['bad', 'story', 'film'].filter((word) => text.includes(word)),
}));
const sentences: TokenRow[] = Array.from({ length: 40 }, (_, i) => ({
  tokens: ['we', 'saw', 'ann', 'lee', i % 3 ? 'in' : '\u0001', 'story', '1'].slice(0, 4 + (i % 4)),
  tags: ['O', 'O', 'B-PER', 'I-PER', 'O', 'B-LOC', 'O'].slice(0, 4 + (i % 4)),
}));

let base: TrainModelOptions['base'];
async function baseOf(files: Record<string, Uint8Array>) {
  const source = bytesSource('tiny', files);
  const config = await loadConfig(source);
  return { config, weights: await floatWeights(source, config), tokenizer: await loadTokenizer(source) };
}
beforeAll(async () => {
  base = await baseOf(tinyModel('none'));
});

const FAST = { num_train_epochs: 2, per_device_train_batch_size: 8, learning_rate: 2e-3 };
const train = (given: Partial<TrainModelOptions> = {}, of: readonly SequenceRow[] | readonly TokenRow[] = rows) =>
  trainModel(of as SequenceRow[], { base, device: 'cpu', kernels: binaries, ...FAST, ...given });

test('the defaults are those of the guides, the loop that of heads', async () => {
  const { arguments: args, config, log } = await train({ learning_rate: undefined, num_train_epochs: undefined });
  expect(args).toMatchObject({
    learning_rate: 2e-5,
    num_train_epochs: 2,
    weight_decay: 0.01,
    warmup_ratio: 0,
    eval_strategy: 'epoch',
    save_strategy: 'epoch',
    load_best_model_at_end: true,
    pooling: 'cls',
    head: 'distilbert',
  });
  expect(config).toMatchObject({ head: 'sequence', labels: ['bad', 'good'], pooling: 'cls', preClassifier: true });
  expect(log.filter((entry) => 'eval_loss' in entry)).toHaveLength(2);
});

test('rare labels weigh more with class_weights', async () => {
  const uneven = rows.filter(({ label }, i) => label === 'good' || i % 8 === 0);
  const lossWith = async (class_weights: 'balanced' | null) => {
    const { log } = await train({ class_weights, max_steps: 1 }, uneven);
    return log[log.length - 1].train_loss;
  };
  expect(await lossWith('balanced')).not.toBe(await lossWith(null));
});

test("a model's own dropout is that of its training, and the head's is an argument", async () => {
  const lossWith = async (inner: object, dropout: number) => {
    const raw = { ...base.config.raw, dropout: 0, attention_dropout: 0, ...inner };
    const { log } = await train({ base: { ...base, config: { ...base.config, raw } }, max_steps: 1, dropout });
    return log[log.length - 1].train_loss;
  };
  const losses = [
    await lossWith({}, 0),
    await lossWith({ dropout: 0.5 }, 0),
    await lossWith({ attention_dropout: 0.5 }, 0),
    await lossWith({}, 0.5),
  ];
  expect(losses.every((loss) => loss > 0)).toBe(true);
  expect(new Set(losses).size).toBe(4);
});

test('a model learns, and the engine computes of its files what training measured', async () => {
  const { config, weights, metrics, evaluation } = await train({ num_train_epochs: 12 });
  if (!evaluation) throw new Error('expected an evaluation');
  expect(metrics.eval_accuracy).toBe(1);
  const files = huggingFaceFiles({ config, weights, tokenizer: base.tokenizer.toJSON(), maxLength: 64 });
  const source = bytesSource('trained', files);
  const model = await Model.load(source, await loadConfig(source), binaries);
  const classify = textClassification(model, await loadTokenizer(source));
  const texts = (evaluation.rows as SequenceRow[]).map(({ text }) => text);
  const results = await classify(texts, { top_k: 2 });
  for (const [i, result] of results.entries()) {
    for (const { label, score } of result) {
      expect(score).toBeCloseTo(evaluation.scores[2 * i + config.labels.indexOf(label)], 5);
    }
  }
});

test('it starts from a quantised model too, near to where it starts from floats', async () => {
  const quantised = await baseOf(await tinyOwnModel('none'));
  const loss = async (base: TrainModelOptions['base']) => (await train({ base, max_steps: 1, dropout: 0 })).log[0];
  const [floats, integers] = [await loss(base), await loss(quantised)];
  expect(integers.eval_loss).toBeCloseTo(floats.eval_loss, 2);
  expect(integers.eval_loss).not.toBe(floats.eval_loss);
});

describe.each(Object.entries({ texts: rows, several, sentences }))('%s', (_, of) => {
  test('the same bits again, and resumed from anywhere', async () => {
    const whole = await train({}, of);
    expect((await train({}, of)).weights).toEqual(whole.weights);
    expect((await train({ seed: 7 }, of)).weights).not.toEqual(whole.weights);
    for (const stop of [1, 6]) {
      const checkpoints = new MemoryCheckpoints();
      const abort = new AbortController();
      const onProgress = (each: TrainingProgress) => {
        if (each.phase === 'training' && each.step === stop) abort.abort();
      };
      await train({ checkpoints, signal: abort.signal, onProgress }, of).catch((error) => {
        expect(error).toBe(abort.signal.reason);
      });
      expect(abort.signal.aborted).toBe(true);
      const resumed = await train({ checkpoints, resume: true }, of);
      expect(resumed.weights).toEqual(whole.weights);
      expect(resumed.metrics).toEqual(whole.metrics);
    }
  });
});

test.each([
  [
    { pooling: 'mean' },
    rows,
    "full training: expected transformers' own head (pooling cls, head distilbert), got pooling mean",
  ],
  [
    { head: 'linear' },
    rows,
    "expected transformers' own head (pooling cls, head distilbert), got pooling cls, head linear",
  ],
  [{ pooling: 'layers' }, sentences, "expected transformers' own head (pooling cls, head linear), got pooling layers"],
  [{ max_length: 1000 }, rows, 'max_length: expected'],
] as const)('%j is refused', async (given, of, told) => {
  await expect(train(given as Partial<TrainModelOptions>, of)).rejects.toThrow(told);
  await expect(train(given as Partial<TrainModelOptions>, of)).rejects.toThrow(UsageError);
});

test('a base that transformers cannot hold is refused', async () => {
  const config = { ...base.config, layerNormEps: 1e-5 };
  await expect(train({ base: { ...base, config } })).rejects.toThrow(
    "model: expected LayerNorm's epsilon 1e-12, as transformers' DistilBERT has it, got 0.00001",
  );
});

test('a learning rate that breaks it is told, with the step', async () => {
  await expect(train({ learning_rate: 1e30, max_grad_norm: 0 })).rejects.toThrow(
    /^training: step \d+: expected a finite (loss|gradient), got (NaN|-?Infinity) \(a lower learning_rate may help\)$/,
  );
});
