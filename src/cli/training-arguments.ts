import { type Command, Option } from 'commander';
import { ARGUMENT_NAMES } from '../train/argument-checks.ts';
import { type TrainingArguments, trainingArguments } from '../train/arguments.ts';
import { METRICS } from '../train/metrics.ts';

const ALL_METRICS = [...new Set(Object.values(METRICS).flat())];

/** For help: those of a text with one label, and rows to evaluate on. */
const DEFAULTS = trainingArguments({}, { evaluation: true, metrics: METRICS.single, task: 'sequence' });

const HELP: { readonly [K in keyof TrainingArguments]: string } = {
  learning_rate: 'highest rate of AdamW; 0.001 with --head distilbert',
  per_device_train_batch_size: 'rows of a batch',
  per_device_eval_batch_size: 'rows evaluated at a time',
  gradient_accumulation_steps: 'batches of a step',
  num_train_epochs: 'passes over the rows',
  max_steps: 'steps in place of epochs, -1 for none',
  weight_decay: 'of weights, not of biases',
  adam_beta1: 'decay of the mean gradient',
  adam_beta2: 'decay of the mean squared gradient',
  adam_epsilon: 'added to its root',
  max_grad_norm: 'gradients of a larger norm are scaled down to it, 0 scales none',
  label_smoothing_factor: 'part of the target that is spread over all labels',
  lr_scheduler_type: 'linear, cosine or constant, after the warm-up',
  warmup_steps: 'steps over which the rate grows from 0',
  warmup_ratio: 'the same as a part of all steps',
  logging_steps: 'steps between two entries of the log',
  eval_strategy: 'evaluate at no time, every so many steps, or each epoch: no, steps, epoch',
  save_strategy: 'checkpoints, likewise',
  eval_steps: 'steps between two evaluations, with --eval-strategy steps',
  save_steps: 'steps between two checkpoints, with --save-strategy steps',
  save_total_limit: 'checkpoints to keep, the best among them; none keeps all',
  load_best_model_at_end: 'the result is the best model, not the last',
  metric_for_best_model: 'metric that makes a model the best',
  greater_is_better: 'whether more of it is better',
  early_stopping_patience: 'evaluations without a better model after which training stops',
  early_stopping_threshold: 'least change that counts as better there',
  seed: 'of initial weights, order of rows, dropout and the held-out part',
  pooling: 'what the head reads of the encoder: cls, mean, or layers (all layers side by side)',
  head: 'linear, or distilbert (a layer more: slower, 4 MB, often 1 point better)',
  dropout: "part of the classifier's inputs that a step leaves out",
  class_weights: 'balanced: rare labels weigh more',
};

/** One option for each of the training arguments, under its name with hyphens. */
export function argumentOptions(command: Command): Command {
  for (const name of ARGUMENT_NAMES) command.addOption(argumentOption(name));
  return command;
}

function argumentOption(name: keyof TrainingArguments): Option {
  const value = DEFAULTS[name];
  const placeholder = typeof value === 'boolean' ? '[true|false]' : typeof value === 'number' ? '<number>' : '<value>';
  const description = `${HELP[name]} (default: ${value ?? 'none'})`;
  const option = new Option(`--${name.replaceAll('_', '-')} ${placeholder}`, description);
  return option.helpGroup('Training arguments, as those of transformers:').argParser(parseValue);
}

/** Stands for null, which commander takes for a value left out. */
const NONE = Symbol('none');

/** A value as it is meant; whether it may stand there is checked with the others. */
function parseValue(text: string): unknown {
  if (text === 'none' || text === 'null') return NONE;
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && (text === 'NaN' || !Number.isNaN(number)) ? number : text;
}

/**
 * The training arguments among the options of a command line.
 *
 * @throws UsageError naming the argument that cannot stand, as far as that is to be told without rows
 */
export function givenArguments(options: object): Partial<TrainingArguments> {
  const values = options as Record<string, unknown>;
  const given = ARGUMENT_NAMES.map((name) => {
    const value = values[argumentOption(name).attributeName()];
    return [name, value === NONE ? null : value] as const;
  });
  const args: Partial<TrainingArguments> = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  trainingArguments(args, { evaluation: true, metrics: ALL_METRICS, task: 'sequence' });
  return args;
}
