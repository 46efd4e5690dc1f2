export type NestedNumbers = (number | NestedNumbers)[];

/** A dense float32 tensor in row-major order, with the fields of a transformers.js `Tensor` that reading it takes. */
export class FloatTensor {
  readonly type = 'float32';
  readonly dims: readonly number[];
  readonly data: Float32Array;

  constructor(dims: readonly number[], data: Float32Array) {
    this.dims = dims;
    this.data = data;
  }

  get size(): number {
    return this.data.length;
  }

  /** Nested arrays, as deep as there are dims. */
  tolist(): NestedNumbers {
    const nest = (dim: number, start: number, size: number): NestedNumbers => {
      if (dim === this.dims.length - 1) return Array.from(this.data.subarray(start, start + size));
      const step = size / this.dims[dim];
      return Array.from({ length: this.dims[dim] }, (_, i) => nest(dim + 1, start + i * step, step));
    };
    return nest(0, 0, this.data.length);
  }
}
