import type { ModelConfig } from '../model/config.ts';

/** What the tasks ask of the engine's `Model`. */
export interface TaskModel {
  readonly config: ModelConfig;
  /** Sequence head: [B, L]. */
  logits(batch: readonly Int32Array[]): Float32Array;
  /** Token head, per sequence [T, L]. */
  tokenLogits(batch: readonly Int32Array[]): Float32Array[];
  /** Last layer, per sequence [T, D]. */
  hiddenStates(batch: readonly Int32Array[]): Float32Array[];
  /** Softmax of each row of `n` values. */
  softmax(values: Float32Array, n: number): Float32Array;
  sigmoid(values: Float32Array): Float32Array;
  dispose(): void;
}
