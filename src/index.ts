/** What every runtime has; each platform's entry adds `pipeline`, bound to its files and kernels. */
export type { Build, KernelBinaries } from './engine/kernels.ts';
export { type MemoryUse, Model, type ModelOptions } from './engine/model.ts';
export { DataError, UsageError } from './errors.ts';
export { type HeadPooling, loadConfig, type ModelConfig, parseConfig } from './model/config.ts';
export { Head, type HeadConfig } from './model/head.ts';
export type { ByteReader, ModelSource } from './model/source.ts';
export type { FileBody, FileFunction } from './model/sources/files.ts';
export type { ModelInput } from './model/sources/input.ts';
export type { SourceOptions } from './model/sources/url.ts';
export type { AggregationStrategy, EntityGroup, TokenEntity } from './tasks/aggregation.ts';
export type { FeatureExtractionOptions, FeatureExtractionPipeline, Pooling } from './tasks/feature-extraction.ts';
export { FloatTensor } from './tasks/float-tensor.ts';
export {
  createPipeline,
  type LoadedPipeline,
  type PipelineFunction,
  type PipelineOptions,
  type Platform,
  type Progress,
  type Task,
} from './tasks/pipeline.ts';
export { type AverageMetrics, type SeqevalMetrics, seqeval, type TypeMetrics } from './tasks/seqeval.ts';
export type { Scheme } from './tasks/tag-schemes.ts';
export type {
  Classification,
  FunctionToApply,
  LabelScore,
  TextClassificationOptions,
  TextClassificationPipeline,
} from './tasks/text-classification.ts';
export type {
  TokenClassification,
  TokenClassificationOptions,
  TokenClassificationPipeline,
} from './tasks/token-classification.ts';
export type { Encoding } from './text/encoding.ts';
export { loadTokenizer } from './text/load.ts';
export { type EncodeOptions, Tokenizer } from './text/tokenizer.ts';
export type { TrainingArguments } from './train/arguments.ts';
export type { CheckpointFiles, CheckpointStore } from './train/checkpoints.ts';
export type { Features } from './train/features.ts';
export type { EvaluationDetails } from './train/metrics.ts';
export type { RowKind } from './train/rows.ts';
export {
  type EvaluatedRows,
  type FeatureEncoder,
  type SequenceRow,
  type TokenRow,
  type TrainedHead,
  type TrainHeadOptions,
  type TrainingProgress,
  type TrainingRows,
  trainHead,
} from './train/train-head.ts';
export type { LogEntry, TrainerState } from './train/trainer-state.ts';
