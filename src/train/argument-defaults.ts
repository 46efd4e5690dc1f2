import { bestModelFault, fullHead } from './argument-checks.ts';
import type { TrainingArguments, TrainingContext } from './arguments.ts';

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
  dropout: 0.2, // DistilBERT's seq_classif_dropout; of token heads it is its dropout, 0.1
} as const satisfies Partial<TrainingArguments>;

const FULL_LEARNING_RATE = 2e-5;

/** What was not asked for is chosen by the rest. */
export function withDefaults(asked: Partial<TrainingArguments>, context: TrainingContext): TrainingArguments {
  const { evaluation, metrics, task, trained } = context;
  const full = trained === 'full';
  const fullDropout = task === 'token' ? DEFAULTS.dropout : FULL_DEFAULTS.dropout;
  const defaults = full ? { ...DEFAULTS, ...FULL_DEFAULTS, head: fullHead(task), dropout: fullDropout } : DEFAULTS;
  const chosen = { ...defaults, ...asked };
  const lastStates = task === 'token' && chosen.pooling === 'cls';
  const headRate = LEARNING_RATES[lastStates ? 'lastStates' : chosen.head];
  const eval_strategy = asked.eval_strategy ?? (evaluation ? 'epoch' : 'no');
  const eval_steps = asked.eval_steps ?? chosen.logging_steps;
  const save_strategy = asked.save_strategy ?? (eval_strategy === 'no' ? 'epoch' : eval_strategy);
  const save_steps = asked.save_steps ?? eval_steps;
  const events = { eval_strategy, eval_steps, save_strategy, save_steps };
  const firstMetric = eval_strategy === 'no' ? null : metrics[0];
  // Not `??`: null asks for none.
  const metric = asked.metric_for_best_model === undefined ? firstMetric : asked.metric_for_best_model;
  return {
    ...chosen,
    ...events,
    learning_rate: asked.learning_rate ?? (full ? FULL_LEARNING_RATE : headRate),
    // Who names steps means them, and no part of all.
    warmup_ratio: asked.warmup_ratio ?? (asked.warmup_steps === undefined ? defaults.warmup_ratio : 0),
    load_best_model_at_end: asked.load_best_model_at_end ?? (bestModelFault(events) === undefined && metric !== null),
    metric_for_best_model: metric,
    greater_is_better: asked.greater_is_better ?? !metric?.endsWith('loss'),
  };
}
