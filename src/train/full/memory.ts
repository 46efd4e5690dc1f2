import type { ModelConfig } from '../../model/config.ts';
import { parametersOf, size } from '../../ort/parameters.ts';

/** Copies of all parameters: weights, moments, gradient, what AdamW makes on the way, the model to start from, and one to evaluate. */
const COPIES = 14;
/** Tensors [T, D], [T, F] and [B, H, S, S] of a layer that wait for the backward pass, or are made in it. */
const OF_D = 16;
const OF_F = 8;
const OF_SCORES = 7;

/**
 * Bytes that full training takes at most, batches of B rows of S tokens: within a tenth of what `/usr/bin/time` says of MiniLM at 16 x 64 (2.0 GB) and 16 x 128
 * (2.8 GB).
 */
export function trainingMemory(config: ModelConfig, B: number, S: number): number {
  const { dim: D, hiddenDim: F, heads: H, layers } = config;
  const parameters = parametersOf(config).reduce((sum, { shape }) => sum + size(shape), 0);
  const activations = layers * (B * S * (OF_D * D + OF_F * F) + OF_SCORES * B * H * S * S);
  return 4 * (COPIES * parameters + activations);
}
