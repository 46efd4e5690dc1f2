import { checkpointName } from './checkpoint-names.ts';
import type { RunIdentity, RunState } from './run-state.ts';
import { epochAfter } from './schedule.ts';

/** One entry of a log: figures by name, with `epoch` and `step`. */
export type LogEntry = Record<string, number>;

/** The fields of transformers' `TrainerState` (5.24). What it has no place for stands in `stateful_callbacks`. */
export interface TrainerState {
  epoch: number;
  global_step: number;
  max_steps: number;
  logging_steps: number;
  eval_steps: number;
  save_steps: number;
  train_batch_size: number;
  num_train_epochs: number;
  num_input_tokens_seen: number;
  total_flos: number;
  log_history: LogEntry[];
  best_metric: number | null;
  best_global_step: number | null;
  best_model_checkpoint: string | null;
  is_local_process_zero: boolean;
  is_world_process_zero: boolean;
  is_hyper_param_search: boolean;
  trial_name: null;
  trial_params: null;
  stateful_callbacks: Record<string, { args: object; attributes: object }>;
}

export function trainerState(
  run: RunState,
  { arguments: args, plan, fingerprint, maxLength }: RunIdentity,
): TrainerState {
  const { early_stopping_patience, early_stopping_threshold } = args;
  return {
    epoch: epochAfter(run.step, plan),
    global_step: run.step,
    max_steps: plan.maxSteps,
    logging_steps: args.logging_steps,
    eval_steps: args.eval_steps,
    save_steps: args.save_steps,
    train_batch_size: args.per_device_train_batch_size,
    num_train_epochs: plan.epochs,
    num_input_tokens_seen: 0,
    total_flos: 0,
    log_history: run.log,
    best_metric: run.bestMetric,
    best_global_step: run.bestStep,
    best_model_checkpoint: run.bestCheckpoint === null ? null : checkpointName(run.bestCheckpoint),
    is_local_process_zero: true,
    is_world_process_zero: true,
    is_hyper_param_search: false,
    trial_name: null,
    trial_params: null,
    stateful_callbacks: {
      EarlyStoppingCallback: {
        args: { early_stopping_patience, early_stopping_threshold },
        attributes: { early_stopping_patience_counter: run.patience },
      },
      bertwasm: {
        args,
        attributes: {
          fingerprint,
          max_length: maxLength ?? null,
          total_loss: run.totalLoss,
          loss_since_log: run.lossSinceLog,
          stopped: run.stopped,
        },
      },
    },
  };
}

/** As transformers writes it: keys sorted, two spaces. */
export function writeTrainerState(state: TrainerState): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(sorted(state), null, 2)}\n`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}
