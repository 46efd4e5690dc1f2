import type { Head, HeadConfig } from '../model/head.ts';
import { instantiate, type Kernels } from './kernels.ts';
import { Allocator, allocateMemory, wholePages } from './memory.ts';

/** Feature vectors that pass at once: the weights of a layer are then read once for so many. */
const ROWS = 64;

/** A linear layer's weight in panels of eight outputs, as matmulF32 reads it, and its bias. */
interface Linear {
  name: string;
  n: number;
  k: number;
  weight: number;
  bias: number;
}

/**
 * A head in a memory of its own, so that heads are swapped while the encoder stays. Heads are f32: they are small, and
 * they are what retraining changes.
 *
 *   layers  f32 panels and biases of pre_classifier, where there is one, and classifier
 *   x       f32 [ROWS, P]             feature vectors; while weights load, a layer's rows
 *   hidden  f32 [ROWS, D]             what pre_classifier and ReLU make of them
 *   y       f32 [ROWS, L rounded up to 8]
 */
export class HeadRunner {
  readonly head: Head;
  /** Bytes of its memory. */
  readonly bytes: number;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #plan: HeadPlan;

  constructor(module: WebAssembly.Module, head: Head) {
    this.head = head;
    this.#plan = planHead(head.config);
    this.bytes = this.#plan.bytes;
    this.#memory = allocateMemory(this.bytes);
    this.#kernels = instantiate(module, this.#memory);
    for (const linear of this.#plan.layers) this.#load(linear);
  }

  /** Raw scores f32 [M, L] of feature vectors f32 [M, P]. */
  logits(features: Float32Array): Float32Array {
    const { width: P, dim: D, labels } = this.head.config;
    const L = labels.length;
    const stride = Math.ceil(L / 8) * 8;
    const count = features.length / P;
    const result = new Float32Array(count * L);
    const { layers, hidden } = this.#plan;
    const x = new Float32Array(this.#memory.buffer, this.#plan.x, ROWS * P);
    const y = new Float32Array(this.#memory.buffer, this.#plan.y, ROWS * stride);
    for (let first = 0; first < count; first += ROWS) {
      const rows = Math.min(ROWS, count - first);
      x.set(features.subarray(first * P, (first + rows) * P));
      let input = this.#plan.x;
      if (layers.length === 2) {
        this.#apply(layers[0], input, rows, hidden);
        this.#kernels.relu(hidden, rows * D);
        input = hidden;
      }
      this.#apply(layers[layers.length - 1], input, rows, this.#plan.y);
      for (let i = 0; i < rows; i++) result.set(y.subarray(i * stride, i * stride + L), (first + i) * L);
    }
    return result;
  }

  #apply({ n, k, weight, bias }: Linear, from: number, rows: number, to: number): void {
    this.#kernels.matmulF32(from, k * 4, weight, bias, to, Math.ceil(n / 8) * 32, rows, n, k);
  }

  #load({ name, n, k, weight, bias }: Linear): void {
    const { x } = this.#plan;
    const values = this.head.tensors.get(`${name}.weight`) as Float32Array;
    for (let row = 0; row < n; row += ROWS) {
      const piece = values.subarray(row * k, Math.min(n, row + ROWS) * k);
      new Float32Array(this.#memory.buffer, x).set(piece);
      this.#kernels.packRowsF32(x, k * 4, piece.length / k, k, weight + row * k * 4);
    }
    new Float32Array(this.#memory.buffer, bias).set(this.head.tensors.get(`${name}.bias`) as Float32Array);
  }
}

interface HeadPlan {
  layers: Linear[];
  x: number;
  hidden: number;
  y: number;
  bytes: number;
}

/** Lays out the memory of a head. */
export function planHead({ dim: D, width: P, labels, preClassifier }: HeadConfig): HeadPlan {
  const allocator = new Allocator();
  const linear = (name: string, n: number, k: number): Linear => ({
    name,
    n,
    k,
    weight: allocator.take(Math.ceil(n / 8) * 8 * k * 4),
    bias: allocator.take(Math.ceil(n / 8) * 32),
  });
  const L = labels.length;
  const layers = preClassifier
    ? [linear('pre_classifier', D, P), linear('classifier', L, D)]
    : [linear('classifier', L, P)];
  const x = allocator.take(ROWS * P * 4);
  const hidden = allocator.take(preClassifier ? ROWS * D * 4 : 0);
  const y = allocator.take(ROWS * Math.ceil(L / 8) * 32);
  return { layers, x, hidden, y, bytes: wholePages(allocator.end) };
}
