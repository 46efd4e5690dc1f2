import type { Kernels } from '../engine/kernels.ts';
import { roundUp } from '../engine/panels.ts';
import type { HeadConfig } from '../model/head.ts';
import type { HeadMemory, Layer } from './head-memory.ts';
import { STREAMS } from './random.ts';

export interface Dropout {
  /** Part that is left out, to 16 bits. */
  p: number;
  seed: number;
  step: number;
}

export interface LossOptions {
  labelSmoothing: number;
  /** f32 [L] */
  classWeights?: Float32Array;
}

/**
 * A head's forward and backward pass in WASM, over the M vectors of a batch:
 *
 *   DistilBERT's      x -> pre_classifier -> ReLU -> dropout -> classifier
 *   linear and token  x -> dropout -> classifier
 */
export class HeadNetwork {
  readonly #config: HeadConfig;
  readonly #kernels: Kernels;
  readonly #memory: HeadMemory;
  readonly #floats: Float32Array;
  readonly #ints: Int32Array;
  readonly #loss: LossOptions;
  readonly #several: boolean;
  readonly #pre: Layer | undefined;
  readonly #classifier: Layer;

  constructor(config: HeadConfig, kernels: Kernels, memory: HeadMemory, buffer: ArrayBuffer, loss: LossOptions) {
    this.#config = config;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#floats = new Float32Array(buffer);
    this.#ints = new Int32Array(buffer);
    this.#loss = loss;
    this.#several = config.problemType === 'multi_label_classification';
    this.#pre = memory.layers.find(({ name }) => name === 'pre_classifier');
    this.#classifier = memory.layers[memory.layers.length - 1];
    const L = config.labels.length;
    this.#floats.set(loss.classWeights ?? new Float32Array(L).fill(1), memory.classWeights / 4);
  }

  /** Room for the vectors from `from` to `to` of the batch. */
  features(from: number, to: number): Float32Array {
    const { width: P } = this.#config;
    const start = this.#memory.x / 4;
    return this.#floats.subarray(start + from * P, start + to * P);
  }

  /** Targets of the batch from vector `at` on: ids [M], or with several labels f32 [M, L]. */
  setTargets(targets: Int32Array | Float32Array, at: number): void {
    const start = this.#memory.targets / 4;
    if (!this.#several) {
      this.#ints.set(targets, start + at);
      return;
    }
    const L = this.#config.labels.length;
    for (let i = 0; i * L < targets.length; i++) {
      this.#floats.set(targets.subarray(i * L, (i + 1) * L), start + (at + i) * roundUp(L, 8));
    }
  }

  /** What the losses of these targets are divided by for their mean. */
  totalWeight(targets: Int32Array | Float32Array): number {
    if (this.#several) return targets.length;
    const { classWeights } = this.#loss;
    let total = 0;
    for (const label of targets) if (label >= 0) total += classWeights ? classWeights[label] : 1;
    return total;
  }

  /** Logits of M vectors; without `dropout`, those of prediction. */
  forward(M: number, dropout?: Dropout): void {
    const { x, hidden, logits } = this.#memory;
    const { width: P } = this.#config;
    if (this.#pre) {
      const stride = roundUp(this.#pre.N, 8);
      this.#linear(this.#pre, x, P, M, hidden);
      this.#kernels.relu(hidden, M * stride);
      this.#dropout(hidden, M * stride, dropout);
      this.#linear(this.#classifier, hidden, stride, M, logits);
    } else {
      this.#dropout(x, M * P, dropout);
      this.#linear(this.#classifier, x, P, M, logits);
    }
  }

  /** A copy of the logits, f32 [M, L]. */
  logits(M: number): Float32Array {
    const L = this.#config.labels.length;
    const values = new Float32Array(M * L);
    for (let m = 0; m < M; m++) {
      const from = this.#memory.logits / 4 + m * roundUp(L, 8);
      values.set(this.#floats.subarray(from, from + L), m * L);
    }
    return values;
  }

  /** Sum of the losses; in place of the logits comes the gradient of sum / total. */
  loss(M: number, total: number): number {
    const { logits, targets, classWeights } = this.#memory;
    const L = this.#config.labels.length;
    const bytes = roundUp(L, 8) * 4;
    if (this.#several) return this.#kernels.sigmoidCrossEntropy(logits, bytes, M, L, targets, total);
    const { labelSmoothing: e } = this.#loss;
    return this.#kernels.crossEntropy(logits, bytes, M, L, targets, classWeights, 1 - e, e / L, total);
  }

  /** Gradients of all parameters, after `forward` with the same dropout and `loss`. */
  backward(M: number, dropout: Dropout): void {
    const { x, hidden, dHidden, transposed, logits, weights } = this.#memory;
    const { width: P } = this.#config;
    if (!this.#pre) {
      this.#linearGradient(this.#classifier, x, P, M, logits);
      return;
    }
    const { N, K, weight } = this.#classifier;
    const stride = roundUp(K, 8);
    this.#linearGradient(this.#classifier, hidden, stride, M, logits);
    this.#kernels.transposePanels(weights + weight * 4, N, K, transposed);
    this.#kernels.matmulF32(logits, roundUp(N, 8) * 4, transposed, 0, dHidden, stride * 4, M, K, N);
    this.#dropout(dHidden, M * stride, dropout);
    this.#kernels.reluGradient(dHidden, hidden, M * stride);
    this.#linearGradient(this.#pre, x, P, M, dHidden);
  }

  /** `stride` of x in floats. */
  #linear({ N, K, weight, bias }: Layer, x: number, stride: number, M: number, y: number): void {
    const { weights } = this.#memory;
    const yBytes = roundUp(N, 8) * 4;
    this.#kernels.matmulF32(x, stride * 4, weights + weight * 4, weights + bias * 4, y, yBytes, M, N, K);
  }

  #linearGradient({ N, K, weight, bias }: Layer, x: number, stride: number, M: number, dy: number): void {
    const { gradient } = this.#memory;
    const padded = roundUp(N, 8);
    this.#kernels.weightGradient(x, stride * 4, dy, padded * 4, M, N, K, gradient + weight * 4);
    this.#kernels.biasGradient(dy, padded * 4, M, padded, gradient + bias * 4);
  }

  #dropout(x: number, N: number, dropout: Dropout | undefined): void {
    if (!dropout) return;
    const { p, seed, step } = dropout;
    const threshold = Math.min(Math.round(p * 65536), 65535);
    if (threshold > 0) this.#kernels.dropout(x, N, threshold, seed, STREAMS.dropout, step);
  }
}
