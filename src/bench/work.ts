import type { Kernels } from '../engine/kernels.ts';
import { Allocator } from '../engine/memory.ts';
import { type LinearWeights, planWeights } from '../engine/weights.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Call } from './kernel-clock.ts';

/** What a call of a kernel does. */
export interface Work {
  /** Of a linear layer its kind, as the encoder's weights name it; of a head's kernels `head`. */
  layer?: string;
  /** Multiply-adds of linear layers and of attention: what {@link multiplyAdds} counts. */
  macs?: number;
  /** Bytes that some other kernels read and write. */
  bytes?: number;
}

/** Multiply-adds of a sequence of T tokens; attention's are those of the scores and of the weighted values. */
export function multiplyAdds({ layers, dim: D, hiddenDim: F }: ModelConfig, T: number) {
  return { linear: layers * T * (4 * D * D + 2 * D * F), attention: layers * 2 * T * T * D };
}

/**
 * What calls do in a pass of one sequence of T tokens. A linear layer is told by where its weights lie, which the plan of
 * the memory says: whatever the kernel's other arguments, it gets that pointer.
 */
export function workOf(config: ModelConfig, T: number): (call: Call) => Work {
  const linears = linearsByWeight(config);
  const attention = multiplyAdds(config, T).attention / config.layers; // one call a layer
  const bytes = bytesOf(config);
  return ({ kernel, args, head }) => {
    if (head) return { layer: 'head' };
    // Of these alone: what others are given, as the number of values of gelu, may be the same number.
    const linear = /^(linear|matmul)/.test(kernel) && args.map((arg) => linears.get(arg)).find(Boolean);
    if (linear) return { layer: linear.layer, macs: T * linear.n * linear.k };
    if (kernel.startsWith('attention')) return { macs: attention };
    return { bytes: T * (bytes[kernel] ?? 0) };
  };
}

function linearsByWeight(config: ModelConfig): Map<number, LinearWeights & { layer: string }> {
  const { layers } = planWeights(config, new Allocator()).weights;
  const linears = new Map<number, LinearWeights & { layer: string }>();
  for (const [layer, part] of layers.flatMap((parts) => Object.entries(parts))) {
    if ('weight' in part) linears.set(part.weight, { layer, ...part });
  }
  return linears;
}

/** By kernel, for each token; of f32 and of embeddings. */
function bytesOf({ dim: D, hiddenDim: F }: ModelConfig): { [K in keyof Kernels]?: number } {
  return { embedQ8: 9 * D, embedF32: 12 * D, layerNorm: 8 * D, addLayerNorm: 12 * D, gelu: 8 * F, relu: 8 * F };
}
