import { UsageError } from '../errors.ts';
import type { HeadPooling, ModelConfig } from '../model/config.ts';
import { Head, type HeadConfig } from '../model/head.ts';

/** What the tasks ask of the engine's `Model`. */
export interface TaskModel {
  readonly config: ModelConfig;
  /** The compiled kernels, in which a head can be trained too. */
  readonly module: WebAssembly.Module;
  /** Threads that compute as of now: of those asked for, the ones that have started. */
  readonly threads: number;
  /** Sequence head: [B, L]. */
  logits(batch: readonly Int32Array[]): Float32Array;
  /** Token head, per sequence [T, L]. */
  tokenLogits(batch: readonly Int32Array[]): Float32Array[];
  /** Last layer, per sequence [T, D]. */
  hiddenStates(batch: readonly Int32Array[]): Float32Array[];
  /** What a sequence head reads of each sequence: [B, P]. */
  features(batch: readonly Int32Array[], pooling: HeadPooling): Float32Array;
  /** What a token head reads, per sequence [T, P]. */
  tokenFeatures(batch: readonly Int32Array[], pooling: HeadPooling): Float32Array[];
  /** Softmax of each row of `n` values. */
  softmax(values: Float32Array, n: number): Float32Array;
  sigmoid(values: Float32Array): Float32Array;
  /** Puts another head on the encoder. */
  use(head: Head): void;
  dispose(): void;
}

/** {@link TaskModel.use}, for a pipeline of that task. */
export function useHead(model: TaskModel, head: Head, task: HeadConfig['task']): void {
  if (!(head instanceof Head))
    throw new UsageError('head: expected a Head, as trainHead and Head.load give it, got another value');
  if (head.config.task !== task)
    throw new UsageError(`head: expected one for ${task}s, got one for ${head.config.task}s`);
  model.use(head);
}
