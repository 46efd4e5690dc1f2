import { UsageError } from '../errors.ts';
import { featureWidth, Head, type HeadConfig, headShapes } from '../model/head.ts';
import { checkOptions } from '../tasks/options.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { ARGUMENT_NAMES } from './argument-checks.ts';
import type { TrainingArguments } from './arguments.ts';
import { HEAD_FILE } from './checkpoint-names.ts';
import type { CheckpointFiles } from './checkpoints.ts';
import { extractFeatures, type FeatureEncoder } from './extract.ts';
import type { Features } from './features.ts';
import { HeadBackend } from './head-backend.ts';
import { initialHead } from './initial-head.ts';
import { balancedWeights } from './labels.ts';
import { MemoryFeatures } from './memory-features.ts';
import type { SequenceRow, TokenRow, TrainingRows } from './rows.ts';
import type { ModelFiles } from './run-checkpoints.ts';
import { type RunOptions, runTraining, type TrainingOutcome } from './run-training.ts';
import { type DataOptions, type LabelledRows, prepareTraining, type TrainingData } from './training-data.ts';
import { countVectors } from './vectors.ts';

export type { EvaluatedRows, TrainingProgress } from './run-training.ts';
export type { FeatureEncoder, SequenceRow, TokenRow, TrainingRows };

/**
 * What {@link trainHead} takes. Where an option can't stand, it throws a UsageError that names it, ahead of the encoder's
 * work; what callbacks and stores throw comes through.
 */
export interface TrainHeadOptions extends Partial<TrainingArguments>, DataOptions, RunOptions {
  /** The frozen encoder: any pipeline, whose own head is not used. */
  encoder: { readonly model: FeatureEncoder; readonly tokenizer: Tokenizer };
  /** Files that every checkpoint has beside its own, by name. */
  checkpointFiles?: (head: Head) => CheckpointFiles;
  /** Where features, vectors of `width` f32, are kept; default memory. Each is closed at the end, whatever it is. */
  newFeatures?: (width: number) => Features;
}

export interface TrainedHead extends TrainingOutcome {
  /** For `use` of a pipeline; `head.save()` gives its bytes. */
  head: Head;
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
    const { class_weights, seed } = args;
    const counts = class_weights === 'balanced' ? countVectors(train, labels.length) : undefined;
    const settings = { ...args, classWeights: counts && balancedWeights(counts) };
    const { weights, ...outcome } = await runTraining({
      data,
      train,
      evaluation,
      backend: new HeadBackend(model.module, initialHead(config, seed), train, evaluation, settings),
      model: headFiles(config, options.checkpointFiles),
      values: firstVector(train.features),
      config: model.config,
      scores: model,
      options,
    });
    return { head: new Head(config, weights), ...outcome };
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
