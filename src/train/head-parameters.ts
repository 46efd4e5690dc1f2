import type { Kernels } from '../engine/kernels.ts';
import { fromPanels, roundUp, toPanels } from '../engine/panels.ts';
import type { AdamFactors } from './adamw.ts';
import type { HeadMemory } from './head-memory.ts';

/** The four arrays of parameters in a head's memory. */
export type ParameterArray = 'weights' | 'gradient' | 'mean' | 'square';

/** A head's weights, their gradients and Adam's moments, in WASM memory as head-memory.ts lays them out. */
export class HeadParameters {
  readonly #kernels: Kernels;
  readonly #memory: HeadMemory;
  readonly #floats: Float32Array;

  constructor(kernels: Kernels, memory: HeadMemory, buffer: ArrayBuffer) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#floats = new Float32Array(buffer);
  }

  /** Row-major copies by name. */
  read(which: ParameterArray): Map<string, Float32Array> {
    return new Map(this.#tensors(which).map(({ name, panels, N, K }) => [name, fromPanels(panels, N, K)]));
  }

  /** The inverse; every tensor must be there, with its length. */
  write(which: ParameterArray, values: ReadonlyMap<string, Float32Array>): void {
    for (const { name, panels, N, K } of this.#tensors(which)) {
      toPanels(values.get(name) as Float32Array, N, K, panels);
    }
  }

  clearGradient(): void {
    const { gradient, parameters } = this.#memory;
    this.#floats.fill(0, gradient / 4, gradient / 4 + parameters);
  }

  /** L2 norm of all gradients together. */
  gradientNorm(): number {
    const { gradient, parameters } = this.#memory;
    return Math.sqrt(this.#kernels.sumSquares(gradient, parameters));
  }

  /** A step of AdamW over everything. Biases do not decay. */
  update(factors: AdamFactors): void {
    const { decayed, parameters } = this.#memory;
    this.#adamw(0, decayed, factors);
    this.#adamw(decayed, parameters, { ...factors, decay: 1 });
  }

  #adamw(from: number, to: number, factors: AdamFactors): void {
    const { weights, gradient, mean, square } = this.#memory;
    const { clip, decay, rate1, beta2, rate2, root, epsilon, stepSize } = factors;
    this.#kernels.adamw(
      weights + from * 4,
      gradient + from * 4,
      mean + from * 4,
      square + from * 4,
      to - from,
      clip,
      decay,
      rate1,
      beta2,
      rate2,
      root,
      epsilon,
      stepSize,
    );
  }

  #tensors(which: ParameterArray) {
    const tensor = (name: string, offset: number, N: number, K: number) => {
      const from = this.#memory[which] / 4 + offset;
      return { name, N, K, panels: this.#floats.subarray(from, from + roundUp(N, 8) * K) };
    };
    return this.#memory.layers.flatMap(({ name, N, K, weight, bias }) => [
      tensor(`${name}.weight`, weight, N, K),
      tensor(`${name}.bias`, bias, N, 1),
    ]);
  }
}
