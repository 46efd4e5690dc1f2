import { UsageError } from '../errors.ts';
import { show } from '../model/json.ts';
import type { TrainingArguments, TrainingContext } from './arguments.ts';

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

/** @throws UsageError naming the argument that is unknown or out of its range */
export function checkEach(given: Partial<TrainingArguments>): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHECKS, name))
      throw new UsageError(`${name}: expected an argument of training, got no such one`);
    const [expected, valid] = CHECKS[name as keyof TrainingArguments];
    if (value !== undefined && !valid(value))
      throw new UsageError(`${name}: expected ${expected}, got ${shown(value)}`);
  }
}

/** @throws UsageError naming the argument that contradicts another, or what is trained */
export function checkTogether(args: TrainingArguments, { evaluation, metrics, task, trained }: TrainingContext): void {
  const { pooling, head, eval_strategy, load_best_model_at_end, early_stopping_patience } = args;
  if (trained === 'full' && (pooling !== 'cls' || head !== fullHead(task))) {
    throw new UsageError(
      `full training: expected transformers' own head (pooling cls, head ${fullHead(task)}), got pooling ${pooling}, head ${head}`,
    );
  }
  if (eval_strategy !== 'no' && !evaluation) {
    throw new UsageError(`eval_strategy: expected no, since there is no evaluation set, got ${eval_strategy}`);
  }
  const fault = bestModelFault(args);
  if (load_best_model_at_end && fault) throw new UsageError(fault);
  if (early_stopping_patience !== null && eval_strategy === 'no') {
    throw new UsageError(
      `early_stopping_patience: expected null, since nothing is evaluated (eval_strategy no), got ${early_stopping_patience}`,
    );
  }
  const metric = args.metric_for_best_model;
  if (metric === null) {
    for (const name of ['load_best_model_at_end', 'early_stopping_patience'] as const) {
      if (args[name]) throw new UsageError(`metric_for_best_model: expected a metric with ${name}, got null`);
    }
  } else if (!metrics.includes(metric.replace(/^eval_/, ''))) {
    throw new UsageError(`metric_for_best_model: expected ${metrics.join(', ')}, got ${show(metric)}`);
  }
}

/** The only head that transformers has for a task. */
export function fullHead(task: TrainingContext['task']): TrainingArguments['head'] {
  return task === 'token' ? 'linear' : 'distilbert';
}

/** Why the best model could not be loaded at the end, if it could not: it must be saved whenever it is found. */
export function bestModelFault({
  eval_strategy: evaluate,
  save_strategy: save,
  eval_steps,
  save_steps,
}: Pick<TrainingArguments, 'eval_strategy' | 'save_strategy' | 'eval_steps' | 'save_steps'>): string | undefined {
  if (evaluate === 'no') return 'load_best_model_at_end: expected an eval_strategy with it, got no';
  if (evaluate !== save) {
    return `load_best_model_at_end: expected a save_strategy equal to eval_strategy ${evaluate}, got ${save}`;
  }
  if (evaluate === 'steps' && save_steps % eval_steps !== 0) {
    return `load_best_model_at_end: expected save_steps a multiple of eval_steps ${eval_steps}, got ${save_steps}`;
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
