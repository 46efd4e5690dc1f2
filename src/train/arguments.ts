import type { HeadConfig, HeadPooling } from '../model/head.ts';
import { ARGUMENT_NAMES, checkEach, checkTogether } from './argument-checks.ts';
import { withDefaults } from './argument-defaults.ts';

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
 * Arguments with nothing left open. Without an evaluation set nothing is evaluated and the last model is the result;
 * with one, it and the checkpoints come each epoch and the best model is the result.
 *
 * @throws UsageError naming the argument that is unknown, out of its range, or contradicts another
 */
export function trainingArguments(given: Partial<TrainingArguments>, context: TrainingContext): TrainingArguments {
  checkEach(given);
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as typeof given;
  const complete = withDefaults(asked, context);
  checkTogether(complete, context);
  return Object.fromEntries(ARGUMENT_NAMES.map((name) => [name, complete[name]])) as unknown as TrainingArguments;
}
