import { DataError, UsageError } from '../errors.ts';
import { parseJson, show } from '../model/json.ts';
import { array, fault, integer, type Json, object, string } from '../text/check.ts';
import { ARGUMENT_NAMES } from './argument-checks.ts';
import { checkpointStep } from './checkpoint-names.ts';
import type { RunIdentity, RunState } from './run-state.ts';
import type { LogEntry } from './trainer-state.ts';

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
    bestCheckpoint: stepOrNull(best === null ? null : stepOf(best, where), 'best_model_checkpoint'),
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

function stepOf(value: unknown, where: string): number {
  const name = string(value, `${where}: best_model_checkpoint`);
  const step = checkpointStep(name);
  if (step === undefined) throw fault(`${where}: best_model_checkpoint`, 'checkpoint- and a step', name);
  return step;
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
