import { UsageError } from '../errors.ts';
import { featureWidth, Head, type HeadConfig, headShapes } from '../model/head.ts';
import { checkOptions } from '../tasks/options.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { ARGUMENT_NAMES } from './argument-checks.ts';
import type { TrainingArguments } from './arguments.ts';
import { HEAD_FILE } from './checkpoint-names.ts';
import type { CheckpointFiles, CheckpointStore } from './checkpoints.ts';
import { type ExtractedSet, extractFeatures, type FeatureEncoder } from './extract.ts';
import type { Features } from './features.ts';
import { HeadBackend } from './head-backend.ts';
import { initialHead } from './initial-head.ts';
import { balancedWeights } from './labels.ts';
import { MemoryFeatures } from './memory-features.ts';
import { type EvaluationDetails, figures, measure } from './metrics.ts';
import type { RowKind, SequenceRow, TokenRow, TrainingRows } from './rows.ts';
import type { ModelFiles } from './run-checkpoints.ts';
import { type StepProgress, Trainer } from './trainer.ts';
import type { LogEntry, TrainerState } from './trainer-state.ts';
import {
  type DataOptions,
  fingerprint,
  type LabelledRows,
  prepareTraining,
  type TrainingData,
} from './training-data.ts';
import { countVectors } from './vectors.ts';

export type { FeatureEncoder, SequenceRow, TokenRow, TrainingRows };

export type TrainingProgress =
  | { phase: 'features'; rows: number; total: number }
  | ({ phase: 'training' } & StepProgress);

/**
 * What {@link trainHead} takes. Where an option can't stand, it throws a UsageError that names it, ahead of the encoder's
 * work; what callbacks and stores throw comes through.
 */
export interface TrainHeadOptions extends Partial<TrainingArguments>, DataOptions {
  /** The frozen encoder: any pipeline, whose own head is not used. */
  encoder: { readonly model: FeatureEncoder; readonly tokenizer: Tokenizer };
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
  /** Files that every checkpoint has beside its own, by name. */
  checkpointFiles?: (head: Head) => CheckpointFiles;
  /** Where features, vectors of `width` f32, are kept; default memory. Each is closed at the end, whatever it is. */
  newFeatures?: (width: number) => Features;
}

/** What the head of a run makes of the evaluation set. */
export interface EvaluatedRows {
  rows: TrainingRows;
  /** Row r has the vectors starts[r] .. starts[r + 1], each of the word `words[…]` of the row. */
  starts: Uint32Array;
  words: Uint32Array;
  /** Label ids [N], or with several labels 0 and 1, [N, L]. */
  targets: Int32Array | Float32Array;
  /** [N, L] */
  logits: Float32Array;
  /** Probabilities, [N, L]. */
  scores: Float32Array;
  details: EvaluationDetails;
}

export interface TrainedHead {
  /** For `use` of a pipeline; `head.save()` gives its bytes. */
  head: Head;
  kind: RowKind;
  /** Of `head` on the evaluation set: `eval_loss`, `eval_accuracy`, …; empty without one. */
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

/** All that are no arguments of training. */
const OPTIONS: Record<Exclude<keyof TrainHeadOptions, keyof TrainingArguments>, true> = {
  encoder: true,
  evaluation: true,
  validation_split: true,
  labels: true,
  max_length: true,
  onProgress: true,
  onLog: true,
  signal: true,
  checkpoints: true,
  resume: true,
  checkpointFiles: true,
  newFeatures: true,
};
const OPTION_NAMES = [...ARGUMENT_NAMES, ...Object.keys(OPTIONS)] as (keyof TrainHeadOptions)[];

/**
 * Trains a classification head on a frozen encoder: each row is read once, and the head learns from its features in
 * WASM. The same rows, arguments and encoder give the same bits on every engine.
 *
 *     const classify = await pipeline('text-classification');
 *     const { head, metrics } = await trainHead(
 *       [{ text: 'A quiet, moving film.', label: 'good' }, { text: 'Two hours of nothing.', label: 'bad' }, …],
 *       { encoder: classify, num_train_epochs: 5 },
 *     );
 *     classify.use(head);
 *     localforage.setItem('my-head', head.save());
 *
 * @param rows texts with a label or an array of labels, or sentences in words with a tag each
 * @throws DataError where rows are at fault, by their place; where the loss is no longer finite; where a checkpoint is damaged or
 * of other data
 * @throws UsageError where options are, or a checkpoint is of other arguments
 */
export async function trainHead(rows: TrainingRows, options: TrainHeadOptions): Promise<TrainedHead> {
  const { encoder, onProgress, signal } = checkOptions(options, OPTION_NAMES);
  const { model } = encoder ?? {};
  if (!model || !encoder.tokenizer) throw new UsageError('encoder: expected a pipeline, got none');
  const data = prepareTraining(rows, options);
  const { kind, labels, args, sets } = data;
  const config = newHeadConfig(model, data);

  const total = sets.train.rows.length + (sets.evaluation?.rows.length ?? 0);
  const opened: Features[] = [];
  const newFeatures = (width: number) => {
    const features = options.newFeatures?.(width) ?? new MemoryFeatures(width);
    opened.push(features);
    return features;
  };
  const extract = ({ rows, ids }: LabelledRows, done: number) =>
    extractFeatures(encoder, rows, {
      kind,
      ids,
      labels: labels.length,
      pooling: args.pooling,
      maxLength: options.max_length,
      newFeatures,
      onRows: (count) => onProgress?.({ phase: 'features', rows: done + count, total }),
      signal,
    });
  try {
    const train = await extract(sets.train, 0);
    const evaluation = sets.evaluation && (await extract(sets.evaluation, sets.train.rows.length));
    const labelCounts = countVectors(train, labels.length);
    const classWeights = args.class_weights === 'balanced' ? balancedWeights(labelCounts) : undefined;
    const detailed = evaluation && ((logits: Float32Array) => measure(logits, { kind, labels, ...evaluation }));
    const trainer = new Trainer({
      backend: new HeadBackend(model.module, initialHead(config, args.seed), train, evaluation, {
        ...args,
        classWeights,
      }),
      arguments: args,
      rows: sets.train.rows.length,
      model: headFiles(config, options.checkpointFiles),
      maxLength: options.max_length,
      fingerprint: fingerprint(model.config, data, options.max_length, firstVector(train.features)),
      metrics: detailed && ((logits) => figures(detailed(logits))),
      checkpoints: options.checkpoints,
      onStep: onProgress && ((step) => onProgress({ phase: 'training', ...step })),
      onLog: options.onLog,
      signal,
    });
    const { state, weights, evaluation: measured } = await trainer.train({ resume: options.resume });
    const evaluated = (set: ExtractedSet, { rows }: LabelledRows, logits: Float32Array): EvaluatedRows => ({
      rows,
      starts: set.starts,
      words: set.words,
      targets: set.targets,
      logits,
      scores: kind === 'multi' ? model.sigmoid(logits) : model.softmax(logits, labels.length),
      details: measure(logits, { kind, labels, ...set }),
    });
    return {
      head: new Head(config, weights),
      kind,
      metrics: measured?.metrics ?? {},
      log: state.log_history,
      state,
      arguments: args,
      labelCounts,
      trainingRows: sets.train.rows.length,
      truncated: train.truncated + (evaluation?.truncated ?? 0),
      evaluation: evaluation && sets.evaluation && measured && evaluated(evaluation, sets.evaluation, measured.logits),
    };
  } finally {
    for (const features of opened) features.close();
  }
}

function newHeadConfig({ config }: FeatureEncoder, { kind, labels, args }: TrainingData): HeadConfig {
  const problemType = kind === 'multi' ? 'multi_label_classification' : 'single_label_classification';
  return {
    task: kind === 'token' ? 'token' : 'sequence',
    labels,
    problemType: kind === 'token' ? undefined : problemType,
    pooling: args.pooling,
    preClassifier: args.head === 'distilbert',
    dim: config.dim,
    width: featureWidth(config, args.pooling),
    encoder: config.bertwasm?.files['encoder.safetensors']?.sha256,
  };
}

function headFiles(config: HeadConfig, beside: (head: Head) => CheckpointFiles = () => ({})): ModelFiles {
  return {
    shapes: headShapes(config),
    save: (weights) => {
      const head = new Head(config, weights);
      return { ...beside(head), [HEAD_FILE]: head.save() };
    },
    load: (files) => Head.load(files[HEAD_FILE] ?? new Uint8Array(0), HEAD_FILE).tensors,
  };
}

function* firstVector(features: Features): Generator<Float32Array> {
  if (features.count === 0) return;
  const first = new Float32Array(features.width);
  features.read(0, 1, first);
  yield first;
}
