import { chooseBuild, type KernelBinaries } from '../../engine/kernels.ts';
import { Scores } from '../../engine/scores.ts';
import { DataError, UsageError } from '../../errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import { Head, headConfig, headShapes } from '../../model/head.ts';
import { checkExpressible, huggingFaceFiles } from '../../model/hugging-face.ts';
import { encoderTensors, expectedTensors } from '../../model/names.ts';
import { readTensorFile } from '../../model/tensor-file.ts';
import type { DropoutSite } from '../../ort/distilbert.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { rowsOfStep, type TrainingArguments } from '../arguments.ts';
import { initialHead } from '../initial-head.ts';
import { balancedWeights } from '../labels.ts';
import type { RowKind, TrainingRows } from '../rows.ts';
import type { ModelFiles } from '../run-checkpoints.ts';
import { type RunOptions, runTraining } from '../run-training.ts';
import type { TrainedHead } from '../train-head.ts';
import { type DataOptions, prepareTraining } from '../training-data.ts';
import { countVectors } from '../vectors.ts';
import { type EncodedRows, encodeRows } from './encode-rows.ts';
import { FullBackend } from './full-backend.ts';
import { orderByLength } from './length-order.ts';
import { evaluationMemory, stepsOfRun, trainingMemory } from './memory.ts';

export interface TrainModelOptions extends Partial<TrainingArguments>, DataOptions, RunOptions {
  /** The model to start from; of its head nothing is used. */
  base: { config: ModelConfig; weights: ReadonlyMap<string, Float32Array>; tokenizer: Tokenizer };
  device: 'cpu' | 'cuda';
  /** Whether CUDA may round the operands of products to TF32; default true, as CUDA has it. */
  tf32?: boolean;
  kernels: KernelBinaries;
  /** Called ahead of the work: bytes that it may take, for batches of B rows of S tokens. */
  onMemory?: (bytes: number, B: number, S: number) => void;
}

/** A whole model, and what is told of its head. */
export interface TrainedModel extends TrainedHead {
  /** Of a float DistilBERT. */
  config: ModelConfig;
  /** Every tensor, by canonical name. */
  weights: ReadonlyMap<string, Float32Array>;
}

/**
 * Trains all parameters of a model in ONNX Runtime, with the loop, the arguments and the metrics of `trainHead`, as Hugging Face's guides to
 * text and token classification do.
 *
 * @throws DataError where rows are at fault, by their place
 * @throws UsageError where options are, or onnxruntime-node can't be had
 */
export async function trainModel(rows: TrainingRows, options: TrainModelOptions): Promise<TrainedModel> {
  const { base, signal, max_length: maxLength } = options;
  const data = prepareTraining(rows, options, 'full');
  const { kind, labels, args, sets } = data;
  const config = fullConfig(base.config, kind, labels);
  const head = headConfig(config);
  if (!head) throw new UsageError('model: expected a head to train, got none');
  const encoder = { model: { config }, tokenizer: base.tokenizer };
  const encode = { kind, labels: labels.length, maxLength, signal };
  const train = await encodeRows(encoder, sets.train, encode);
  const evaluation = sets.evaluation && (await encodeRows(encoder, sets.evaluation, encode));
  const counts = args.class_weights === 'balanced' ? countVectors(train, labels.length) : undefined;
  const B = args.per_device_train_batch_size;
  const S = longestOf(train);
  const stepsAtOnce = stepsOfRun(config, options.device, B, S);
  const evaluated = Math.min(args.per_device_eval_batch_size, evaluation?.readings.length ?? 0);
  const beside = evaluation ? evaluationMemory(config, evaluated, longestOf(evaluation)) : 0;
  options.onMemory?.(trainingMemory(config, B, S, stepsAtOnce) + beside, B, S);
  const { module } = await chooseBuild(options.kernels, 'auto');
  const encoderNames = [...encoderTensors(config).keys()];
  const start = new Map([
    ...encoderNames.map((name) => [name, base.weights.get(name) as Float32Array] as const),
    ...initialHead(head, args.seed).tensors,
  ]);
  const backend = await FullBackend.create({
    ...args,
    config,
    weights: start,
    train,
    evaluation,
    trained: 'full',
    dropout: dropoutOf(base.config, args.dropout),
    classWeights: counts && balancedWeights(counts),
    device: options.device,
    stepsAtOnce,
    tf32: options.tf32,
    module,
  });
  try {
    const lengths = train.readings.map(({ ids }) => ids.length);
    const { weights, ...outcome } = await runTraining({
      data,
      train,
      evaluation,
      backend,
      model: modelFiles(config, base.tokenizer),
      values: start.values(),
      config,
      scores: Scores.of(module),
      orderOf: (epoch) => orderByLength(lengths, rowsOfStep(args), args.seed, epoch, stepsAtOnce),
      options,
    });
    const own = new Map([...headShapes(head).keys()].map((name) => [name, weights.get(name) as Float32Array]));
    return { config, weights, head: new Head(head, own), ...outcome };
  } finally {
    await backend.close();
  }
}

function longestOf({ readings }: EncodedRows): number {
  return readings.reduce((most, { ids }) => Math.max(most, ids.length), 1);
}

/** The base with a head for these labels, as a float DistilBERT. */
function fullConfig(base: ModelConfig, kind: RowKind, labels: readonly string[]): ModelConfig {
  const problemType = kind === 'multi' ? 'multi_label_classification' : 'single_label_classification';
  const config: ModelConfig = {
    ...base,
    modelType: 'distilbert',
    head: kind === 'token' ? 'token' : 'sequence',
    pooling: 'cls',
    preClassifier: kind !== 'token',
    labels: [...labels],
    problemType: kind === 'token' ? undefined : problemType,
    bertwasm: undefined,
  };
  checkExpressible(config);
  return config;
}

/** The base's own probabilities, which are 0.1 in every published DistilBERT and BERT, and that of the head. */
function dropoutOf({ raw }: ModelConfig, head: number): Record<DropoutSite, number> {
  const probability = (...keys: string[]): number => {
    const value = keys.map((key) => raw[key]).find((value) => value !== undefined) ?? 0.1;
    if (typeof value === 'number' && value >= 0 && value < 1) return value;
    throw new DataError(`config.json: ${keys[0]}: expected a number from 0 to below 1, got ${value}`);
  };
  const inner = probability('dropout', 'hidden_dropout_prob');
  return {
    embeddings: inner,
    ffn: inner,
    attention: probability('attention_dropout', 'attention_probs_dropout_prob'),
    head,
  };
}

/** Every checkpoint is a model that transformers loads. */
function modelFiles(config: ModelConfig, tokenizer: Tokenizer): ModelFiles {
  const shapes = expectedTensors(config);
  const encoderNames = new Set(encoderTensors(config).keys());
  const fileName = (name: string) => (encoderNames.has(name) ? `distilbert.${name}` : name);
  return {
    shapes,
    save: (weights) =>
      huggingFaceFiles({ config, weights, tokenizer: tokenizer.toJSON(), maxLength: config.positions }),
    load: (files) => {
      const file = readTensorFile(files['model.safetensors'] ?? new Uint8Array(0), 'model.safetensors');
      const tensors = file.tensors(new Map([...shapes].map(([name, shape]) => [fileName(name), shape])));
      return new Map([...shapes.keys()].map((name) => [name, tensors.get(fileName(name)) as Float32Array]));
    },
  };
}
