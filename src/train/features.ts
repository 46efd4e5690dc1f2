import { UsageError } from '../errors.ts';

/** Feature vectors, f32 [count, width], in order: written once, then read at random. */
export interface Features {
  readonly width: number;
  readonly count: number;
  /** Adds whole vectors. */
  append(vectors: Float32Array): void;
  /**
   * Copies the vectors `from` .. `to` to the start of `into`.
   *
   * @throws UsageError where there are not so many
   */
  read(from: number, to: number, into: Float32Array): void;
  /** Gives up all vectors; a second time does nothing. */
  close(): void;
}

export function checkRange(from: number, to: number, count: number): void {
  if (from >= 0 && from <= to && to <= count) return;
  throw new UsageError(`features: expected vectors of 0 to ${count}, got ${from} to ${to}`);
}

/** What a head trains on: the frozen encoder's features of every row, and what they should become. */
export interface FeatureSet {
  features: Features;
  /**
   * Row r has the vectors starts[r] .. starts[r + 1]: one for a sequence, and for a sentence of token classification one
   * for each labelled token (those with label -100 never reach the head). One entry more than there are rows.
   */
  starts: Uint32Array;
  /** A label id for each vector, or with several labels a row f32 [N, L] of 0 and 1. */
  targets: Int32Array | Float32Array;
}
