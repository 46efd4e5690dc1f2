import type { ModelConfig } from '../../model/config.ts';
import { parametersOf, size } from '../../ort/parameters.ts';

/** Copies of all parameters: weights, moments, gradient, what AdamW makes on the way, the model to start from, and one to evaluate. */
const COPIES = 14;
/** Tensors [T, D], [T, F] and [B, H, S, S] of a layer that wait for the backward pass, or are made in it. */
const OF_D = 16;
const OF_F = 8;
const OF_SCORES = 7;

/** Bytes of the masks that lie ready for several steps: 50 of 16 x 512 would take 16 GB with MiniLM. */
const MASKS = 1 << 30;
const MOST_STEPS = 50;

/** Bytes of the masks of a step, as ort/distilbert.ts drops: embeddings, attention and feed-forward layers, the head. */
function maskBytes({ dim: D, heads: H, layers }: ModelConfig, B: number, S: number): number {
  return (layers + 1) * B * S * D + layers * B * H * S * S + B * D;
}

/** Steps of one run: on a GPU weights and moments cross the bus once in so many of them. */
export function stepsOfRun(config: ModelConfig, device: 'cpu' | 'cuda', B: number, S: number): number {
  if (device === 'cpu') return 1;
  return Math.max(1, Math.min(MOST_STEPS, Math.floor(MASKS / maskBytes(config, B, S))));
}

/** Tensors [T, D] and [T, F] of the layer that an evaluation is at. */
const OF_D_EVALUATED = 4;
const OF_F_EVALUATED = 2;

/**
 * Bytes that an evaluation takes beside, batches of B rows of S tokens: 20 x 512 of MiniLM took 1.9 GB, what onnxruntime sets aside among them.
 */
export function evaluationMemory({ dim: D, hiddenDim: F, heads: H }: ModelConfig, B: number, S: number): number {
  return 4 * (B * S * (OF_D_EVALUATED * D + OF_F_EVALUATED * F) + OF_SCORES * B * H * S * S);
}

/**
 * Bytes that full training takes at most, batches of B rows of S tokens: within a tenth of what `/usr/bin/time` says of MiniLM at 16 x 64 (2.0 GB) and 16 x 128
 * (2.8 GB).
 */
export function trainingMemory(config: ModelConfig, B: number, S: number, stepsAtOnce: number): number {
  const { dim: D, hiddenDim: F, heads: H, layers } = config;
  const parameters = parametersOf(config).reduce((sum, { shape }) => sum + size(shape), 0);
  const activations = layers * (B * S * (OF_D * D + OF_F * F) + OF_SCORES * B * H * S * S);
  // Those of one step are among the activations.
  const masks = stepsAtOnce > 1 ? stepsAtOnce * maskBytes(config, B, S) : 0;
  return 4 * (COPIES * parameters + activations) + masks;
}
