import type { TrainingArguments } from './arguments.ts';
import type { TrainingBackend } from './backend.ts';
import type { CheckpointStore } from './checkpoints.ts';
import { type EvaluationDetails, figures, measure } from './metrics.ts';
import type { RowKind, TrainingRows } from './rows.ts';
import type { ModelFiles } from './run-checkpoints.ts';
import { type StepProgress, Trainer } from './trainer.ts';
import type { LogEntry, TrainerState } from './trainer-state.ts';
import { fingerprint, type TrainingData } from './training-data.ts';
import { countVectors, type Vectors } from './vectors.ts';

export type TrainingProgress =
  | { phase: 'features'; rows: number; total: number }
  | ({ phase: 'training' } & StepProgress);

/** What every training takes beside its arguments and its data. */
export interface RunOptions {
  /**
   * Tokens of a row, special tokens included, from 3 to as many as the model reads, which is the default: longer rows are
   * cut, and `truncated` of the result counts them.
   */
  max_length?: number;
  /** Rows that went through the encoder, of both sets, after each pass; then each step. */
  onProgress?: (progress: TrainingProgress) => void;
  /** Each entry of the log as it comes. */
  onLog?: (entry: LogEntry) => void;
  /** Training rejects with its reason, after a pass of the encoder or a step. */
  signal?: AbortSignal;
  /** Where checkpoints are kept; default memory. */
  checkpoints?: CheckpointStore;
  /**
   * Goes on from the newest checkpoint there, if there is one: the result is that of an unbroken run. A checkpoint of other
   * arguments is a UsageError; one of other rows, labels, `max_length` or encoder, or a damaged one, a DataError.
   */
  resume?: boolean;
}

/** What a trained model makes of the evaluation set. */
export interface EvaluatedRows extends Vectors {
  rows: TrainingRows;
  /** [N, L] */
  logits: Float32Array;
  /** Probabilities, [N, L]. */
  scores: Float32Array;
  details: EvaluationDetails;
}

/** What is told of a training, whatever was trained. */
export interface TrainingOutcome {
  kind: RowKind;
  /** Of the result on the evaluation set: `eval_loss`, `eval_accuracy`, …; empty without one. */
  metrics: Record<string, number>;
  log: readonly LogEntry[];
  state: TrainerState;
  arguments: TrainingArguments;
  /** How often each label is given in the training set. */
  labelCounts: number[];
  trainingRows: number;
  /** Rows of both sets whose end was not read, since they have more tokens than `max_length`. */
  truncated: number;
  evaluation?: EvaluatedRows;
}

type ReadSet = Vectors & { truncated: number };

export interface RunInput {
  data: TrainingData;
  train: ReadSet;
  evaluation: ReadSet | undefined;
  backend: TrainingBackend;
  model: ModelFiles;
  /** Values that tell the start of this run from others'. */
  values: Iterable<Float32Array>;
  config: Parameters<typeof fingerprint>[0];
  scores: { softmax(logits: Float32Array, L: number): Float32Array; sigmoid(logits: Float32Array): Float32Array };
  orderOf?: (epoch: number) => Uint32Array;
  options: RunOptions;
}

/** Trains on rows that were read, and measures what comes of it. */
export async function runTraining({
  data,
  train,
  evaluation,
  backend,
  model,
  values,
  config,
  scores,
  orderOf,
  options,
}: RunInput): Promise<TrainingOutcome & { weights: ReadonlyMap<string, Float32Array> }> {
  const { kind, labels, args, sets } = data;
  const { max_length: maxLength, onProgress, onLog, signal, checkpoints, resume } = options;
  const detailed = evaluation && ((logits: Float32Array) => measure(logits, { kind, labels, ...evaluation }));
  const trainer = new Trainer({
    backend,
    arguments: args,
    rows: sets.train.rows.length,
    orderOf,
    model,
    maxLength,
    fingerprint: fingerprint(config, data, maxLength, values),
    metrics: detailed && ((logits) => figures(detailed(logits))),
    checkpoints,
    onStep: onProgress && ((step) => onProgress({ phase: 'training', ...step })),
    onLog,
    signal,
  });
  const { state, weights, evaluation: measured } = await trainer.train({ resume });
  const evaluated = (set: ReadSet, rows: TrainingRows, logits: Float32Array): EvaluatedRows => ({
    rows,
    starts: set.starts,
    words: set.words,
    targets: set.targets,
    logits,
    scores: kind === 'multi' ? scores.sigmoid(logits) : scores.softmax(logits, labels.length),
    details: measure(logits, { kind, labels, ...set }),
  });
  return {
    weights,
    kind,
    metrics: measured?.metrics ?? {},
    log: state.log_history,
    state,
    arguments: args,
    labelCounts: countVectors(train, labels.length),
    trainingRows: sets.train.rows.length,
    truncated: train.truncated + (evaluation?.truncated ?? 0),
    evaluation:
      evaluation && sets.evaluation && measured && evaluated(evaluation, sets.evaluation.rows, measured.logits),
  };
}
