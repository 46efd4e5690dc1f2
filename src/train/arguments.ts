import { UsageError } from '../errors.ts';
import type { HeadConfig, HeadPooling } from '../model/head.ts';
import { show } from '../model/json.ts';

type Strategy = 'no' | 'steps' | 'epoch';

/** How a head or a whole model is trained. Names and meanings are those of transformers' `TrainingArguments`; the last four are ours. */
export interface TrainingArguments {
  learning_rate: number;
  /** Rows of a batch; a sentence of token classification is one row. */
  per_device_train_batch_size: number;
  per_device_eval_batch_size: number;
  /** Batches whose gradients make one step together: more rows than memory has room for. */
  gradient_accumulation_steps: number;
  /** A fraction ends within an epoch. */
  num_train_epochs: number;
  /** Steps of the whole run in place of epochs; -1 for none. */
  max_steps: number;
  /** Decay of weights, never of biases, apart from the gradient (AdamW). */
  weight_decay: number;
  adam_beta1: number;
  adam_beta2: number;
  adam_epsilon: number;
  /** Most L2 norm of all gradients together; 0 clips none. */
  max_grad_norm: number;
  label_smoothing_factor: number;
  lr_scheduler_type: 'linear' | 'cosine' | 'constant';
  /** Steps over which the learning rate grows from 0; 0 leaves it to `warmup_ratio`. */
  warmup_steps: number;
  /** The same as a part of all steps. */
  warmup_ratio: number;
  logging_steps: number;
  eval_strategy: Strategy;
  save_strategy: Strategy;
  eval_steps: number;
  save_steps: number;
  /** Checkpoints to keep, `null` for all: the newest and the best stay in any case. */
  save_total_limit: number | null;
  load_best_model_at_end: boolean;
  /** A metric of the evaluation set, with or without `eval_`; `null` where no model is preferred. */
  metric_for_best_model: string | null;
  greater_is_better: boolean;
  /** Evaluations without an improvement after which training stops; `null` for never. */
  early_stopping_patience: number | null;
  /** Least change of the metric that counts as an improvement then. */
  early_stopping_threshold: number;
  seed: number;
  /** What of the encoder's hidden states a sequence head reads. */
  pooling: HeadPooling;
  /** DistilBERT's own head or a linear probe, for sequences; a token head is always linear. */
  head: 'distilbert' | 'linear';
  /** Part of the classifier's inputs that a step leaves out. */
  dropout: number;
  /** `balanced` weighs each label by rows / (labels * rows that have it), as scikit-learn does. */
  class_weights: 'balanced' | null;
}

/** Rows of a step. */
export function rowsOfStep(
  args: Pick<TrainingArguments, 'per_device_train_batch_size' | 'gradient_accumulation_steps'>,
): number {
  return args.per_device_train_batch_size * args.gradient_accumulation_steps;
}

/** What the defaults depend on. */
export interface TrainingContext {
  /** Whether there are rows to evaluate on. */
  evaluation: boolean;
  /** Names of the metrics, that to choose the best model by first. */
  metrics: readonly string[];
  /** What the head reads. */
  task: HeadConfig['task'];
  /** The head alone, on a frozen encoder, or all; default `head`. */
  trained?: 'head' | 'full';
}

/**
 * 5e-5 is for a whole encoder; a head starts from nothing. Chosen on a tenth of the training rows of SST-2, TREC and IMDb
 * (200, 1,000 and all rows) and of WNUT-17, where the last hidden states alone give an F1 of 0.21 at 1e-3 and 0.43 at 1e-2.
 */
const LEARNING_RATES = { linear: 2e-3, distilbert: 1e-3, lastStates: 1e-2 };

/** Defaults that depend on nothing, with the reason where it is not transformers' value. */
const DEFAULTS = {
  per_device_train_batch_size: 16, // 8 on any number of devices; 32 costs 1 to 2 points where there are 200 rows
  per_device_eval_batch_size: 64,
  gradient_accumulation_steps: 1,
  num_train_epochs: 10, // cheap on cached features; 5 cost 3 points on 200 rows of TREC, 20 gain none
  max_steps: -1,
  weight_decay: 0.01,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  max_grad_norm: 1,
  label_smoothing_factor: 0,
  lr_scheduler_type: 'linear',
  warmup_steps: 0,
  warmup_ratio: 0.1,
  logging_steps: 10, // 500 is more than most heads train for
  save_total_limit: 2, // the best and the newest
  early_stopping_patience: null,
  early_stopping_threshold: 0,
  seed: 42,
  pooling: 'layers', // 6 points over mean on TREC and 2 on SST-2; F1 0.48 over 0.37 on WNUT-17
  head: 'linear', // distilbert's gains 1 to 2 points for 8 times the time and a file of 4 MB in place of 20 to 60 kB
  dropout: 0.1,
  class_weights: null,
} as const satisfies Partial<TrainingArguments>;

/** Those of Hugging Face's guides to a whole model, where they differ. */
const FULL_DEFAULTS = {
  num_train_epochs: 2,
  warmup_ratio: 0,
  logging_steps: 50,
  pooling: 'cls',
  dropout: 0.2, // DistilBERT's seq_classif_dropout
} as const satisfies Partial<TrainingArguments>;

const FULL_LEARNING_RATE = 2e-5;

type Check = readonly [expected: string, valid: (value: unknown) => boolean];

const above = (least: number): Check => [`a number above ${least}`, (x) => isNumber(x) && x > least];
const within = (least: number, below: number): Check => [
  `a number from ${least} to below ${below}`,
  (x) => isNumber(x) && x >= least && x < below,
];
const atLeast = (least: number): Check => [`a number of at least ${least}`, (x) => isNumber(x) && x >= least];
const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Check => [
  most === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`,
  (x) => Number.isSafeInteger(x) && (x as number) >= least && (x as number) <= most,
];
const orNull = ([expected, valid]: Check): Check => [`${expected}, or null`, (x) => x === null || valid(x)];
const oneOf = (...values: readonly string[]): Check => [values.join(', '), (x) => values.includes(x as string)];
const boolean: Check = ['true or false', (x) => typeof x === 'boolean'];
const strategy = oneOf('no', 'steps', 'epoch');

const CHECKS: { readonly [K in keyof TrainingArguments]: Check } = {
  learning_rate: above(0),
  per_device_train_batch_size: whole(1),
  per_device_eval_batch_size: whole(1),
  gradient_accumulation_steps: whole(1),
  num_train_epochs: above(0),
  max_steps: ['a whole number above 0, or -1', (x) => x === -1 || (Number.isSafeInteger(x) && (x as number) > 0)],
  weight_decay: atLeast(0),
  adam_beta1: within(0, 1),
  adam_beta2: within(0, 1),
  adam_epsilon: above(0),
  max_grad_norm: atLeast(0),
  label_smoothing_factor: within(0, 1),
  lr_scheduler_type: oneOf('linear', 'cosine', 'constant'),
  warmup_steps: whole(0),
  warmup_ratio: ['a number from 0 to 1', (x) => isNumber(x) && x >= 0 && x <= 1],
  logging_steps: whole(1),
  eval_strategy: strategy,
  save_strategy: strategy,
  eval_steps: whole(1),
  save_steps: whole(1),
  save_total_limit: orNull(whole(1)),
  load_best_model_at_end: boolean,
  metric_for_best_model: orNull(['a name', (x) => typeof x === 'string']),
  greater_is_better: boolean,
  early_stopping_patience: orNull(whole(1)),
  early_stopping_threshold: atLeast(0),
  seed: whole(0, 2 ** 32 - 1),
  pooling: oneOf('cls', 'mean', 'layers'),
  head: oneOf('distilbert', 'linear'),
  dropout: within(0, 1),
  class_weights: orNull(oneOf('balanced')),
};

/** All names, in the order of the documentation. */
export const ARGUMENT_NAMES = Object.keys(CHECKS) as (keyof TrainingArguments)[];

/**
 * Arguments with nothing left open. Without an evaluation set nothing is evaluated and the last model is the result;
 * with one, it and the checkpoints come each epoch and the best model is the result.
 *
 * @throws UsageError naming the argument that is unknown, out of its range, or contradicts another
 */
export function trainingArguments(given: Partial<TrainingArguments>, context: TrainingContext): TrainingArguments {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHECKS, name))
      throw new UsageError(`${name}: expected an argument of training, got no such one`);
    const [expected, valid] = CHECKS[name as keyof TrainingArguments];
    if (value !== undefined && !valid(value))
      throw new UsageError(`${name}: expected ${expected}, got ${shown(value)}`);
  }
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as typeof given;
  const full = context.trained === 'full';
  const defaults = full ? { ...DEFAULTS, ...FULL_DEFAULTS, head: fullHead(context.task) } : DEFAULTS;
  const chosen = { ...defaults, ...asked };
  if (full && (chosen.pooling !== 'cls' || chosen.head !== fullHead(context.task))) {
    throw new UsageError(
      `full training: expected transformers' own head (pooling cls, head ${fullHead(context.task)}), got pooling ${chosen.pooling}, head ${chosen.head}`,
    );
  }
  const eval_strategy = asked.eval_strategy ?? (context.evaluation ? 'epoch' : 'no');
  const eval_steps = asked.eval_steps ?? chosen.logging_steps;
  const save_strategy = asked.save_strategy ?? (eval_strategy === 'no' ? 'epoch' : eval_strategy);
  const save_steps = asked.save_steps ?? eval_steps;
  const fault = bestModelFault(eval_strategy, save_strategy, eval_steps, save_steps);
  const load_best_model_at_end =
    asked.load_best_model_at_end ?? (fault === undefined && asked.metric_for_best_model !== null);
  const firstMetric = eval_strategy === 'no' ? null : context.metrics[0];
  const metric = asked.metric_for_best_model === undefined ? firstMetric : asked.metric_for_best_model;
  const complete: TrainingArguments = {
    ...chosen,
    learning_rate:
      asked.learning_rate ??
      (full
        ? FULL_LEARNING_RATE
        : LEARNING_RATES[context.task === 'token' && chosen.pooling === 'cls' ? 'lastStates' : chosen.head]),
    // Who names steps means them, and no part of all.
    warmup_ratio: asked.warmup_ratio ?? (asked.warmup_steps === undefined ? defaults.warmup_ratio : 0),
    eval_strategy,
    eval_steps,
    save_strategy,
    save_steps,
    load_best_model_at_end,
    metric_for_best_model: metric,
    greater_is_better: asked.greater_is_better ?? !metric?.endsWith('loss'),
  };

  if (eval_strategy !== 'no' && !context.evaluation) {
    throw new UsageError(`eval_strategy: expected no, since there is no evaluation set, got ${eval_strategy}`);
  }
  if (load_best_model_at_end && fault) throw new UsageError(fault);
  if (metric === null && eval_strategy !== 'no') {
    for (const name of ['load_best_model_at_end', 'early_stopping_patience'] as const) {
      if (complete[name]) throw new UsageError(`metric_for_best_model: expected a metric with ${name}, got null`);
    }
  }
  if (complete.early_stopping_patience !== null && eval_strategy === 'no') {
    throw new UsageError(
      `early_stopping_patience: expected null, since nothing is evaluated (eval_strategy no), got ${complete.early_stopping_patience}`,
    );
  }
  if (metric !== null && !context.metrics.includes(metric.replace(/^eval_/, ''))) {
    throw new UsageError(`metric_for_best_model: expected ${context.metrics.join(', ')}, got ${show(metric)}`);
  }
  return Object.fromEntries(ARGUMENT_NAMES.map((name) => [name, complete[name]])) as unknown as TrainingArguments;
}

/** The only head that transformers has for a task. */
function fullHead(task: HeadConfig['task']): TrainingArguments['head'] {
  return task === 'token' ? 'linear' : 'distilbert';
}

/** Why the best model could not be loaded at the end, if it could not: it must be saved whenever it is found. */
function bestModelFault(evaluate: Strategy, save: Strategy, evalSteps: number, saveSteps: number): string | undefined {
  if (evaluate === 'no') return 'load_best_model_at_end: expected an eval_strategy with it, got no';
  if (evaluate !== save) {
    return `load_best_model_at_end: expected a save_strategy equal to eval_strategy ${evaluate}, got ${save}`;
  }
  if (evaluate === 'steps' && saveSteps % evalSteps !== 0) {
    return `load_best_model_at_end: expected save_steps a multiple of eval_steps ${evalSteps}, got ${saveSteps}`;
  }
  return undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** NaN and Infinity by name, which JSON has not. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : show(value);
}
