import type { TrainingArguments } from './arguments.ts';
import type { Plan } from './schedule.ts';
import type { LogEntry } from './trainer-state.ts';

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
