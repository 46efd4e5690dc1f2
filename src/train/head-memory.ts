import { type HeadLayer, headLayers } from '../engine/head-layers.ts';
import { Allocator, MAX_BYTES } from '../engine/memory.ts';
import { roundUp } from '../engine/panels.ts';
import { DataError } from '../errors.ts';
import type { HeadConfig } from '../model/head.ts';

/*
 * The memory of a head in training, a WebAssembly.Memory of its own:
 *
 *   0       64 Ki                                                       end
 *   +-------+---------+----------+---------+------------+---------------+
 *   | wasm  | weights | gradient | exp_avg | exp_avg_sq | batch, for at |
 *   | data  |         |          |         |            | most M vectors|
 *   +-------+---------+----------+---------+------------+---------------+
 *
 * The four in the middle have the same layout, so that one call of AdamW passes over many tensors:
 *
 *   weight of each layer, f32 [ceil(N / 8)][K][8]   what decays
 *   bias of each layer, f32 [N rounded up to 8]     what does not
 *
 * Weights stay in the panels of matmulF32 all the time. Rows past N are zero and stay so: their gradient is zero.
 */

/** Offsets are in floats from the start of each of the four. */
export interface Layer extends HeadLayer {
  weight: number;
  bias: number;
}

/**
 * Pointers. A batch has M vectors:
 *
 *   x           f32 [M, P]   features, after dropout where they are the classifier's input
 *   hidden      f32 [M, D']  pre_classifier's output after ReLU and dropout; D' is D rounded up to 8
 *   dHidden     f32 [M, D']  its gradient
 *   transposed  f32 [D', L]  the classifier's weight, turned around
 *   logits      f32 [M, L']  then their gradient; L' is L rounded up to 8
 *   targets     i32 [M], or with several labels f32 [M, L']
 *   classWeights  f32 [L']
 */
export interface HeadMemory {
  layers: Layer[];
  /** Floats of what decays, and of all parameters. */
  decayed: number;
  parameters: number;
  weights: number;
  gradient: number;
  mean: number;
  square: number;
  x: number;
  hidden: number;
  dHidden: number;
  transposed: number;
  logits: number;
  targets: number;
  classWeights: number;
  /** All in bytes. */
  total: number;
}

/**
 * @param vectors of the largest batch
 * @throws DataError where that takes more than WebAssembly's address space
 */
export function planHeadMemory(config: HeadConfig, vectors: number): HeadMemory {
  const { labels, preClassifier, dim: D, width: P } = config;
  const L = labels.length;
  const linears = headLayers(config);

  let parameters = 0;
  const place = (floats: number) => {
    const offset = parameters;
    parameters += floats;
    return offset;
  };
  const weights = linears.map(({ N, K }) => place(roundUp(N, 8) * K));
  const decayed = parameters;
  const layers = linears.map((linear, i) => ({ ...linear, weight: weights[i], bias: place(roundUp(linear.N, 8)) }));

  const allocator = new Allocator();
  const floats = (count: number) => allocator.take(count * 4);
  const hidden = preClassifier ? roundUp(D, 8) : 0;
  const padded = roundUp(L, 8);
  const several = config.problemType === 'multi_label_classification';
  const plan = {
    layers,
    decayed,
    parameters,
    weights: floats(parameters),
    gradient: floats(parameters),
    mean: floats(parameters),
    square: floats(parameters),
    // Dropout handles 32 values at a time.
    x: floats(roundUp(vectors * P, 32)),
    hidden: floats(roundUp(vectors * hidden, 32)),
    dHidden: floats(roundUp(vectors * hidden, 32)),
    transposed: floats(hidden * L),
    logits: floats(vectors * padded),
    targets: floats(vectors * (several ? padded : 1)),
    classWeights: floats(padded),
  };
  if (allocator.end > MAX_BYTES) {
    throw new DataError(
      `training: expected batches that need at most ${MAX_BYTES} bytes, got ${allocator.end} for ${vectors} vectors of ${P} (a smaller batch size needs less)`,
    );
  }
  return { ...plan, total: allocator.end };
}
