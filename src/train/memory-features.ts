import { checkRange, type Features } from './features.ts';

/** Floats of a chunk: 4 MB. */
const CHUNK = 1 << 20;

/** Features in memory, in chunks: one growing array would hold all of them twice each time it grows. */
export class MemoryFeatures implements Features {
  readonly width: number;
  count = 0;
  readonly #chunks: Float32Array[] = [];
  /** Vectors of a chunk. */
  readonly #size: number;

  constructor(width: number) {
    this.width = width;
    this.#size = Math.max(1, Math.floor(CHUNK / width));
  }

  append(vectors: Float32Array): void {
    this.#each(this.count, this.count + vectors.length / this.width, (chunk, at, from, to) =>
      chunk.set(vectors.subarray(from, to), at),
    );
    this.count += vectors.length / this.width;
  }

  read(from: number, to: number, into: Float32Array): void {
    checkRange(from, to, this.count);
    this.#each(from, to, (chunk, at, start, end) => into.set(chunk.subarray(at, at + end - start), start));
  }

  close(): void {
    this.#chunks.length = 0;
    this.count = 0;
  }

  /** Calls `use` for the part of `from` .. `to` in each chunk: where it begins there, and its bounds in floats from `from`. */
  #each(from: number, to: number, use: (chunk: Float32Array, at: number, start: number, end: number) => void): void {
    for (let vector = from; vector < to; ) {
      const index = Math.floor(vector / this.#size);
      const next = Math.min(to, (index + 1) * this.#size);
      this.#chunks[index] ??= new Float32Array(this.#size * this.width);
      const at = (vector - index * this.#size) * this.width;
      use(this.#chunks[index], at, (vector - from) * this.width, (next - from) * this.width);
      vector = next;
    }
  }
}
