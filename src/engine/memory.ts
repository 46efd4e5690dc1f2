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
export function allocateMemory(bytes: number, shared = false): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: bytes / WASM_PAGE, maximum: bytes / WASM_PAGE, shared });
  } catch {
    throw new DataError(`model: expected ${bytes} bytes of memory, got none from this engine`);
  }
}

/**
 * Pointers to the activations of one piece of a batch: M tokens of all its sequences, laid end to end. Row t of each is token
 * t's alone, so that threads that have rows of their own touch no other's, but for attention.
 *
 *   x          f32 [M, D]  hidden states
 *   y          f32 [M, D]  attention's context; the second linear layer's output
 *   wide       M rows of `wideBytes`: queries, keys and values, f32 [M, 3 D], row stride `qkvBytes`; or what a thread makes of its rows, end to end
 *              from the first of them: f32 [., D] of attention's last layer, f32 [., F] of the FFN's hidden one
 *   packed     M rows of `packedBytes`, quantised: two bytes a value (base) or one (relaxed)
 *   rowScale   f32 [M], rowTerm i32 [M], outliers f32 [M, C]
 *   attention  for each thread `attentionBytes`: one head of one sequence, as attention or attentionQ8 lays it out
 *   ids        i32 [M]
 *   starts     i32 [M + 1], where there are threads: the piece's, for them to read
 */
export interface Activations {
  tokens: number;
  ids: number;
  starts: number;
  x: number;
  y: number;
  wide: number;
  wideBytes: number;
  qkvBytes: number;
  packed: number;
  packedBytes: number;
  rowScale: number;
  rowTerm: number;
  outliers: number;
  attention: number;
  attentionBytes: number;
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
  threads: number,
): Activations {
  const { dim: D, hiddenDim: F, heads: H, positions } = config;
  // A line more than they need: rows of 12 kB would all fall into the same few sets of the first-level cache.
  const wideBytes = Math.max(3 * D, F) * 4 + 64;
  const packedBytes = Math.max(D, F) * width;
  const forAttention = attentionBytes(Math.min(tokens, positions), D / H, width);
  const start = allocator.end;
  const plan = {
    tokens,
    ids: allocator.take(tokens * 4),
    starts: allocator.take(threads > 1 ? (tokens + 1) * 4 : 0),
    x: allocator.take(tokens * D * 4),
    y: allocator.take(tokens * D * 4),
    wide: allocator.take(tokens * wideBytes),
    wideBytes,
    // Alone they lie end to end: in rows as wide as those, 768 -> 2304 takes 6 % longer at 128 tokens.
    qkvBytes: threads > 1 ? wideBytes : D * 12,
    packed: allocator.take(tokens * packedBytes),
    packedBytes,
    rowScale: allocator.take(tokens * 4),
    rowTerm: allocator.take(tokens * 4),
    outliers: allocator.take(tokens * maxOutliers * 4),
    attention: allocator.take(threads * forAttention),
    attentionBytes: forAttention,
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
