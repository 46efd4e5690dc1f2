import { DataError, UsageError } from '../errors.ts';
import { parseJson, show } from '../model/json.ts';
import { array, fault, integer, type Json, object, string } from '../text/check.ts';
import { ARGUMENT_NAMES, type TrainingArguments } from './arguments.ts';
import { epochAfter, type Plan } from './schedule.ts';

/** One entry of a log: figures by name, with `epoch` and `step`. */
export type LogEntry = Record<string, number>;

/** Where a run stands after a step: with the weights and moments, all that decides how it goes on. */
export interface RunState {
  step: number;
  /** Sum of the losses of all steps, and of those since the last log. */
  totalLoss: number;
  lossSinceLog: number;
  bestMetric: number | null;
  bestStep: number | null;
  /** Step of the checkpoint that holds the best model. */
  bestCheckpoint: number | null;
  /** Evaluations without an improvement, one after the other. */
  patience: number;
  stopped: boolean;
  log: LogEntry[];
}

/** What a run is of: a checkpoint of another is refused. */
export interface RunIdentity {
  arguments: TrainingArguments;
  plan: Plan;
  /** Of the data and the encoder. */
  fingerprint: string;
  /** Tokens of a row, where that was said. */
  maxLength?: number;
}

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

export const STATE_FILE = 'trainer_state.json';

export function startOfRun(): RunState {
  return {
    step: 0,
    totalLoss: 0,
    lossSinceLog: 0,
    bestMetric: null,
    bestStep: null,
    bestCheckpoint: null,
    patience: 0,
    stopped: false,
    log: [],
  };
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
    best_model_checkpoint: run.bestCheckpoint === null ? null : `checkpoint-${run.bestCheckpoint}`,
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

/**
 * The run that a trainer_state.json of ours describes.
 *
 * @param where for messages
 * @throws DataError where it is damaged, or of other data
 * @throws UsageError where it is of other arguments
 */
export function readTrainerState(bytes: Uint8Array, identity: RunIdentity, where: string): RunState {
  const { plan } = identity;
  const state = object(parseJson(bytes, where), where);
  const callbacks = object(state.stateful_callbacks, `${where}: stateful_callbacks`);
  const part = (name: string, half: 'args' | 'attributes') =>
    object(object(callbacks[name], `${where}: ${name}`)[half], `${where}: ${name}.${half}`);
  const own = part('bertwasm', 'attributes');
  checkIdentity(part('bertwasm', 'args'), own, identity, where);

  const step = integer(state.global_step, `${where}: global_step`, 1, plan.maxSteps);
  const stepOrNull = (value: unknown, name: string) =>
    value === null ? null : integer(value, `${where}: ${name}`, 1, step);
  const counter = part('EarlyStoppingCallback', 'attributes').early_stopping_patience_counter;
  const best = state.best_model_checkpoint;
  if (typeof own.stopped !== 'boolean') throw fault(`${where}: stopped`, 'true or false', own.stopped);
  return {
    step,
    totalLoss: number(own.total_loss, `${where}: total_loss`),
    lossSinceLog: number(own.loss_since_log, `${where}: loss_since_log`),
    bestMetric: state.best_metric === null ? null : number(state.best_metric, `${where}: best_metric`),
    bestStep: stepOrNull(state.best_global_step, 'best_global_step'),
    bestCheckpoint: stepOrNull(best === null ? null : checkpointStep(best, where), 'best_model_checkpoint'),
    patience: integer(counter, `${where}: early_stopping_patience_counter`, 0, plan.maxSteps),
    stopped: own.stopped,
    log: array(state.log_history, `${where}: log_history`).map((entry, i) => logEntry(entry, `${where}: log ${i}`)),
  };
}

function checkIdentity(args: Json, attributes: Json, { arguments: given, fingerprint }: RunIdentity, where: string) {
  for (const name of ARGUMENT_NAMES) {
    if (args[name] === given[name]) continue;
    const stored = `${name} ${show(args[name])}`;
    throw new UsageError(`${where}: expected the arguments of the unfinished run, ${stored}, got ${show(given[name])}`);
  }
  if (string(attributes.fingerprint, `${where}: fingerprint`) !== fingerprint) {
    throw new DataError(`${where}: expected the data and the encoder of the unfinished run, got others`);
  }
}

function checkpointStep(value: unknown, where: string): number {
  const name = string(value, `${where}: best_model_checkpoint`);
  const digits = /^checkpoint-([1-9]\d{0,15})$/.exec(name)?.[1];
  if (digits === undefined) throw fault(`${where}: best_model_checkpoint`, 'checkpoint- and a step', name);
  return Number(digits);
}

function logEntry(value: unknown, where: string): LogEntry {
  const entry = object(value, where);
  for (const [name, figure] of Object.entries(entry)) number(figure, `${where}: ${show(name)}`);
  return entry as LogEntry;
}

function number(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw fault(where, 'a number', value);
  return value;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}
