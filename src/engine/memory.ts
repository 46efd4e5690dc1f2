import { DataError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';

/**
 * The memory of one encoder, a WebAssembly.Memory of its own that is sized before anything is read:
 *
 *   0       64 Ki                              weights.end                                   end
 *   +-------+----------------------------------+---------------------------------------------+
 *   | wasm  | weights, packed once as they     | activations, for at most `tokens` tokens    |
 *   | data  | arrive; tables as planWeights    | as drawn at planActivations                 |
 *   +-------+----------------------------------+---------------------------------------------+
 *
 * While weights load, the activations serve as the buffer that files are read into: no second copy is ever whole.
 */
export class Allocator {
  /** The wasm module's own data and stack lie below. */
  #end = 65_536;

  get end(): number {
    return this.#end;
  }

  /** Takes `bytes` at the next multiple of 64, the length of a cache line. */
  take(bytes: number): number {
    const pointer = this.#end;
    this.#end = Math.ceil((pointer + bytes) / 64) * 64;
    return pointer;
  }
}

export const WASM_PAGE = 65_536;
/** WebAssembly's 32-bit address space. */
export const MAX_BYTES = 2 ** 32;

/** `bytes` rounded up to what a memory can have. */
export function wholePages(bytes: number): number {
  const total = Math.ceil(bytes / WASM_PAGE) * WASM_PAGE;
  if (total > MAX_BYTES) throw new DataError(`model: expected to need at most ${MAX_BYTES} bytes, got ${total}`);
  return total;
}

/** A memory of exactly so many bytes, whole pages. */
export function allocateMemory(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: bytes / WASM_PAGE, maximum: bytes / WASM_PAGE });
  } catch {
    throw new DataError(`model: expected ${bytes} bytes of memory, got none from this engine`);
  }
}

/**
 * Pointers to the activations of one piece of a batch: M tokens of all its sequences, laid end to end.
 *
 *   x         f32 [M, D]            hidden states
 *   y         f32 [M, D]            attention's context; the second linear layer's output
 *   wide      f32 [M, max(3 D, F)]  queries, keys and values; the hidden layer of the FFN
 *   packed    [M, max(D, F)]        quantised rows, two bytes a value (base) or one (relaxed)
 *   rowScale  f32 [M], rowTerm i32 [M], outliers f32 [M, C]
 *   attention what one head of one sequence takes, as attention or attentionQ8 lays it out
 *   ids       i32 [M]
 */
export interface Activations {
  tokens: number;
  ids: number;
  x: number;
  y: number;
  wide: number;
  packed: number;
  rowScale: number;
  rowTerm: number;
  outliers: number;
  attention: number;
  /** Where the buffer begins that loading may use, and its length in bytes. */
  start: number;
  bytes: number;
}

/** Queries that pass through attention at once: their scores at T = 512 stay in the second-level cache. */
const QUERY_ROWS = 24;

/** @param width bytes a quantised value takes: 2 in the base build, 1 in the relaxed one, 0 for an f32 model */
export function planActivations(
  allocator: Allocator,
  config: ModelConfig,
  tokens: number,
  width: number,
  maxOutliers: number,
): Activations {
  const { dim: D, hiddenDim: F, heads: H, positions } = config;
  const widest = Math.max(3 * D, F);
  const start = allocator.end;
  const plan = {
    tokens,
    ids: allocator.take(tokens * 4),
    x: allocator.take(tokens * D * 4),
    y: allocator.take(tokens * D * 4),
    wide: allocator.take(tokens * widest * 4),
    packed: allocator.take(tokens * Math.max(D, F) * width),
    rowScale: allocator.take(tokens * 4),
    rowTerm: allocator.take(tokens * 4),
    outliers: allocator.take(tokens * maxOutliers * 4),
    attention: allocator.take(attentionBytes(Math.min(tokens, positions), D / H, width)),
  };
  // Weights are packed eight rows at a time, so loading needs room for as many, even where activations are tiny.
  const missing = 8 * Math.max(D, F) * 4 - (allocator.end - start);
  if (missing > 0) allocator.take(missing);
  return { ...plan, start, bytes: allocator.end - start };
}

/** Bytes of the scratch that attention and attentionQ8 ask for; S is the width of a head. */
export function attentionBytes(longest: number, S: number, width: number): number {
  const T = Math.ceil(longest / 8) * 8;
  if (width === 0) return (2 * T * S + QUERY_ROWS * T) * 4;
  const packed = 2 * T * S + 12 * T + 12 * S;
  return packed + QUERY_ROWS * (8 + 4 * T + Math.max(T, S) * width);
}
