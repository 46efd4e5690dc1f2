import { UsageError } from '../errors.ts';
import { instantiate, type Kernels } from './kernels.ts';
import { allocateMemory, wholePages } from './memory.ts';

/** Floats of a memory of its own: as many as the largest head has labels, and more. */
const ROOM = 1 << 15;

/** What logits say, computed in WASM: engines differ in `Math.exp`. */
export class Scores {
  readonly #kernels: Kernels;
  readonly #values: Float32Array;

  /** @param values scratch, in the memory of `kernels` */
  constructor(kernels: Kernels, values: Float32Array) {
    this.#kernels = kernels;
    this.#values = values;
  }

  /** In a memory of its own. */
  static of(module: WebAssembly.Module): Scores {
    const memory = allocateMemory(wholePages(ROOM * 4));
    return new Scores(instantiate(module, memory), new Float32Array(memory.buffer, 0, ROOM));
  }

  /** Softmax of each row of `n` values. */
  softmax(values: Float32Array, n: number): Float32Array {
    const stride = Math.ceil(n / 4) * 4;
    const result = new Float32Array(values.length);
    this.#onVectors(values.length / n, n, stride, (scratch, from, rows) => {
      for (let i = 0; i < rows; i++) scratch.set(values.subarray((from + i) * n, (from + i + 1) * n), i * stride);
      this.#kernels.softmax(scratch.byteOffset, stride * 4, rows, n, 1);
      for (let i = 0; i < rows; i++) result.set(scratch.subarray(i * stride, i * stride + n), (from + i) * n);
    });
    return result;
  }

  /** 1 / (1 + e^-x) of each value. */
  sigmoid(values: Float32Array): Float32Array {
    const result = new Float32Array(values.length);
    this.#onVectors(values.length, 1, 1, (scratch, from, count) => {
      scratch.set(values.subarray(from, from + count));
      this.#kernels.sigmoid(scratch.byteOffset, count);
      result.set(scratch.subarray(0, count), from);
    });
    return result;
  }

  #onVectors(
    rows: number,
    n: number,
    stride: number,
    use: (scratch: Float32Array, from: number, rows: number) => void,
  ): void {
    if (!Number.isInteger(rows)) throw new UsageError(`values: expected rows of ${n}, got ${rows * n} values`);
    const room = this.#values.length - 4;
    const perCall = Math.floor(room / stride);
    if (perCall < 1) throw new UsageError(`values: expected rows of at most ${room}, got ${n}`);
    for (let from = 0; from < rows; from += perCall) use(this.#values, from, Math.min(perCall, rows - from));
  }
}
