import type { Head, HeadConfig } from '../model/head.ts';
import { type HeadLayer, headLayers } from './head-layers.ts';
import { instantiate, type Kernels } from './kernels.ts';
import { Allocator, allocateMemory, wholePages } from './memory.ts';
import { roundUp } from './panels.ts';

/** Feature vectors that pass at once: the weights of a layer are then read once for so many. */
const ROWS = 64;

/** A layer's weight in panels of eight outputs, as matmulF32 reads it, and its bias. */
interface Layer extends HeadLayer {
  weight: number;
  bias: number;
}

/**
 * A head in a memory of its own, so that heads are swapped while the encoder stays. Heads are f32: they are small, and
 * they are what retraining changes.
 *
 *   layers  f32 panels and biases of pre_classifier, where there is one, and classifier
 *   x       f32 [ROWS, P]   feature vectors; while weights load, a layer's rows
 *   hidden  f32 [ROWS, D']  what pre_classifier and ReLU make of them; D' is D rounded up to 8
 *   y       f32 [ROWS, L']  likewise
 */
export class HeadRunner {
  readonly head: Head;
  /** Bytes of its memory. */
  readonly bytes: number;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #plan: HeadPlan;

  constructor(module: WebAssembly.Module, head: Head, make = instantiate) {
    this.head = head;
    this.#plan = planHead(head.config);
    this.bytes = this.#plan.bytes;
    this.#memory = allocateMemory(this.bytes);
    this.#kernels = make(module, this.#memory);
    for (const layer of this.#plan.layers) this.#load(layer);
  }

  /** Raw scores f32 [M, L] of feature vectors f32 [M, P]. */
  logits(features: Float32Array): Float32Array {
    const { width: P, labels } = this.head.config;
    const L = labels.length;
    const stride = roundUp(L, 8);
    const count = features.length / P;
    const result = new Float32Array(count * L);
    const { layers, hidden } = this.#plan;
    const x = this.#floats(this.#plan.x, ROWS * P);
    const y = this.#floats(this.#plan.y, ROWS * stride);
    for (let first = 0; first < count; first += ROWS) {
      const rows = Math.min(ROWS, count - first);
      x.set(features.subarray(first * P, (first + rows) * P));
      if (layers.length === 2) {
        const [pre, classifier] = layers;
        const width = roundUp(pre.N, 8);
        this.#apply(pre, this.#plan.x, P, rows, hidden);
        this.#kernels.relu(hidden, rows * width);
        this.#apply(classifier, hidden, width, rows, this.#plan.y);
      } else {
        this.#apply(layers[0], this.#plan.x, P, rows, this.#plan.y);
      }
      for (let i = 0; i < rows; i++) result.set(y.subarray(i * stride, i * stride + L), (first + i) * L);
    }
    return result;
  }

  /** `stride` of x in floats. */
  #apply({ N, K, weight, bias }: Layer, x: number, stride: number, rows: number, y: number): void {
    this.#kernels.matmulF32(x, stride * 4, weight, bias, y, roundUp(N, 8) * 4, rows, N, K);
  }

  /** By the kernel, whose loop needs no warming up: 4 ms sooner than toPanels for D = 768. */
  #load({ name, N, K, weight, bias }: Layer): void {
    const { x } = this.#plan;
    const values = this.head.tensors.get(`${name}.weight`) as Float32Array;
    for (let row = 0; row < N; row += ROWS) {
      const piece = values.subarray(row * K, Math.min(N, row + ROWS) * K);
      this.#floats(x, piece.length).set(piece);
      this.#kernels.packRowsF32(x, K * 4, piece.length / K, K, weight + row * K * 4);
    }
    this.#floats(bias, N).set(this.head.tensors.get(`${name}.bias`) as Float32Array);
  }

  #floats(pointer: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, length);
  }
}

interface HeadPlan {
  layers: Layer[];
  x: number;
  hidden: number;
  y: number;
  bytes: number;
}

/** Lays out the memory of a head. */
export function planHead(config: HeadConfig): HeadPlan {
  const allocator = new Allocator();
  const floats = (count: number) => allocator.take(count * 4);
  const layers = headLayers(config).map((layer) => ({
    ...layer,
    weight: floats(roundUp(layer.N, 8) * layer.K),
    bias: floats(roundUp(layer.N, 8)),
  }));
  const { width: P, dim: D, preClassifier, labels } = config;
  const x = floats(ROWS * P);
  const hidden = floats(preClassifier ? ROWS * roundUp(D, 8) : 0);
  const y = floats(ROWS * roundUp(labels.length, 8));
  return { layers, x, hidden, y, bytes: wholePages(allocator.end) };
}
