import { instantiate, type Kernels } from '../../engine/kernels.ts';
import { allocateMemory, wholePages } from '../../engine/memory.ts';
import type { Dim } from '../../ort/onnx.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { DropoutMask } from '../../ort/training-step.ts';
import { STREAMS } from '../random.ts';

/** Values drawn at a time: one call of the kernel, 256 kB. A multiple of 32, as its blocks are. */
const PIECE = 1 << 16;

/** Streams of a mask's pieces are so far apart: a model of 48 layers has 98 masks. */
const MASKS = 128;

/**
 * The masks of a step, drawn by the kernel that drops values in the head (assembly/dropout.ts) from the seed, the step and the mask's number alone: a run
 * that is broken off goes on with the same.
 */
export class DropoutMasks {
  readonly #masks: readonly DropoutMask[];
  readonly #seed: number;
  readonly #kernels: Kernels;
  readonly #values: Float32Array;

  /** @param module a build of the kernels */
  constructor(module: WebAssembly.Module, masks: readonly DropoutMask[], seed: number) {
    this.#masks = masks;
    this.#seed = seed;
    const memory = allocateMemory(wholePages(PIECE * 4));
    this.#kernels = instantiate(module, memory);
    this.#values = new Float32Array(memory.buffer, 0, PIECE);
  }

  /** u8 by the graph's names, for a batch of B sequences of S tokens. */
  draw(step: number, sizes: { B: number; S: number }): Record<string, Tensor> {
    return Object.fromEntries(
      this.#masks.map(({ name, shape, p }, i) => {
        const known = shape.map((dim: Dim) => (typeof dim === 'number' ? dim : sizes[dim as 'B' | 'S']));
        return [
          name,
          { type: 'uint8', shape: known, data: this.#draw(size(known), p, STREAMS.dropoutMasks + i, step) },
        ];
      }),
    );
  }

  #draw(count: number, p: number, stream: number, step: number): Uint8Array {
    const kept = new Uint8Array(count);
    const values = this.#values;
    for (let from = 0, piece = 0; from < count; from += PIECE, piece++) {
      const length = Math.min(PIECE, count - from);
      values.fill(1, 0, length);
      // Another stream for each piece, as the kernel counts from 0 in each call.
      const threshold = Math.min(Math.round(p * 65536), 65535);
      this.#kernels.dropout(values.byteOffset, length, threshold, this.#seed, stream + piece * MASKS, step);
      for (let i = 0; i < length; i++) kept[from + i] = values[i] === 0 ? 0 : 1;
    }
    return kept;
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
