import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { ARGUMENT_NAMES } from '../../src/train/argument-checks.ts';
import { type TrainingArguments, trainingArguments } from '../../src/train/arguments.ts';

const METRICS = ['accuracy', 'f1', 'loss'];
const make = (given: object = {}, evaluation = true) =>
  trainingArguments(given, { evaluation, metrics: METRICS, task: 'sequence' });

test('with an evaluation set each epoch is evaluated and saved, and the best model is the result', () => {
  expect(make()).toMatchObject({
    eval_strategy: 'epoch',
    save_strategy: 'epoch',
    load_best_model_at_end: true,
    metric_for_best_model: 'accuracy',
    greater_is_better: true,
  });
  expect(Object.keys(make())).toEqual(ARGUMENT_NAMES);
});

test('the learning rate is that of what is trained', () => {
  const rate = (given: object, task: 'sequence' | 'token') =>
    trainingArguments(given, { evaluation: true, metrics: METRICS, task }).learning_rate;
  expect(rate({}, 'sequence')).toBe(2e-3);
  expect(rate({ head: 'distilbert' }, 'sequence')).toBe(1e-3);
  expect(rate({}, 'token')).toBe(2e-3);
  expect(rate({ pooling: 'cls' }, 'token')).toBe(1e-2);
  expect(rate({ learning_rate: 0.5 }, 'token')).toBe(0.5);
});

test('without one nothing is evaluated', () => {
  expect(make({}, false)).toMatchObject({
    eval_strategy: 'no',
    save_strategy: 'epoch',
    load_best_model_at_end: false,
    metric_for_best_model: null,
  });
});

test('what was asked for decides the rest', () => {
  expect(make({ eval_strategy: 'steps', eval_steps: 4 })).toMatchObject({
    save_strategy: 'steps',
    save_steps: 4,
    load_best_model_at_end: true,
  });
  expect(make({ eval_strategy: 'steps', logging_steps: 7 })).toMatchObject({ eval_steps: 7 });
  expect(make({ eval_strategy: 'epoch', save_strategy: 'no' })).toMatchObject({ load_best_model_at_end: false });
  expect(make({ eval_strategy: 'no' })).toMatchObject({ load_best_model_at_end: false, metric_for_best_model: null });
  expect(make({ metric_for_best_model: 'eval_loss' })).toMatchObject({ greater_is_better: false });
  expect(make({ metric_for_best_model: null })).toMatchObject({
    load_best_model_at_end: false,
    metric_for_best_model: null,
  });
  expect(make({ warmup_steps: 0 })).toMatchObject({ warmup_ratio: 0 });
  expect(make({ warmup_steps: 5, warmup_ratio: 0.2 })).toMatchObject({ warmup_steps: 5, warmup_ratio: 0.2 });
  expect(make({ learning_rate: undefined })).toEqual(make());
});

test.each([
  [
    { metric_for_best_model: null, load_best_model_at_end: true },
    'metric_for_best_model: expected a metric with load_best_model_at_end, got null',
  ],
  [
    { metric_for_best_model: null, early_stopping_patience: 2 },
    'metric_for_best_model: expected a metric with early_stopping_patience, got null',
  ],
  [{ learning_rate: Number.NaN }, 'learning_rate: expected a number above 0, got NaN'],
  [{ learning_rate: '0.1' }, 'learning_rate: expected a number above 0, got "0.1"'],
  [{ weight_decay: Number.POSITIVE_INFINITY }, 'weight_decay: expected a number of at least 0, got Infinity'],
  [{ max_steps: 0 }, 'max_steps: expected a whole number above 0, or -1, got 0'],
  [{ num_train_epochs: 0 }, 'num_train_epochs: expected a number above 0, got 0'],
  [{ adam_beta2: 1 }, 'adam_beta2: expected a number from 0 to below 1, got 1'],
  [{ per_device_train_batch_size: 1.5 }, 'per_device_train_batch_size: expected a whole number of at least 1, got 1.5'],
  [{ seed: 2 ** 32 }, 'seed: expected a whole number from 0 to 4294967295, got 4294967296'],
  [{ lr_scheduler_type: 'step' }, 'lr_scheduler_type: expected linear, cosine, constant, got "step"'],
  [{ class_weights: 'even' }, 'class_weights: expected balanced, or null, got "even"'],
  [{ save_total_limit: 0 }, 'save_total_limit: expected a whole number of at least 1, or null, got 0'],
  [{ seeds: 1 }, 'seeds: expected an argument of training, got no such one'],
  [{ constructor: 1 }, 'constructor: expected an argument of training, got no such one'],
  [
    { load_best_model_at_end: true, eval_strategy: 'epoch', save_strategy: 'steps' },
    'load_best_model_at_end: expected a save_strategy equal to eval_strategy epoch, got steps',
  ],
  [
    { load_best_model_at_end: true, eval_strategy: 'steps', eval_steps: 4, save_steps: 6 },
    'load_best_model_at_end: expected save_steps a multiple of eval_steps 4, got 6',
  ],
  [
    { load_best_model_at_end: true, eval_strategy: 'no' },
    'load_best_model_at_end: expected an eval_strategy with it, got no',
  ],
  [
    { early_stopping_patience: 2, eval_strategy: 'no' },
    'early_stopping_patience: expected null, since nothing is evaluated (eval_strategy no), got 2',
  ],
  [{ metric_for_best_model: 'bleu' }, 'metric_for_best_model: expected accuracy, f1, loss, got "bleu"'],
])('%o', (given, message) => {
  expect(() => make(given)).toThrow(new UsageError(message));
});

test('evaluating on no rows is an error', () => {
  expect(() => make({ eval_strategy: 'epoch' } satisfies Partial<TrainingArguments>, false)).toThrow(
    new UsageError('eval_strategy: expected no, since there is no evaluation set, got epoch'),
  );
});
