import type { Graph } from './graph.ts';
import type { Value } from './onnx.ts';

/** Scalars that the host computes for each step, f32 []. */
export interface AdamScalars {
  /** 1 - learning rate * weight decay. */
  decay: Value;
  /** learning rate * (1 - β1) / (1 - β1^t) / r, with r = √((1 - β2) / (1 - β2^t)). */
  stepSize: Value;
  /** ε / r. */
  epsilon: Value;
}

export interface Moments {
  weight: Value;
  /** m / (1 - β1). */
  mean: Value;
  /** v / (1 - β2). */
  square: Value;
}

/**
 * torch.optim.AdamW on one tensor (Loshchilov & Hutter 2019). The moments are kept without their factors 1 - β, which go into the scalars: 12
 * passes over the tensor in place of 15.
 */
export function adamw(
  graph: Graph,
  { weight, mean, square }: Moments,
  gradient: Value,
  scalars: AdamScalars,
  options: { decays: boolean; beta1: number; beta2: number },
): Moments {
  const by = (op: string, a: Value, b: Value) => graph.node(op, [a, b], weight.shape);
  const newMean = by('Add', by('Mul', mean, graph.float(options.beta1)), gradient);
  const newSquare = by('Add', by('Mul', square, graph.float(options.beta2)), by('Mul', gradient, gradient));
  const root = graph.node('Sqrt', [newSquare], weight.shape);
  const update = by('Mul', by('Div', newMean, by('Add', root, scalars.epsilon)), scalars.stepSize);
  const kept = options.decays ? by('Mul', weight, scalars.decay) : weight;
  return { weight: by('Sub', kept, update), mean: newMean, square: newSquare };
}

/** L2 norm of all gradients together: by rows first, since 22 M squares in one f32 sum are off by 8e-4. */
export function globalNorm(graph: Graph, gradients: readonly Value[]): Value {
  const squares = gradients.map((gradient) => {
    const last = graph.integers([-1]);
    const byRow = graph.node('ReduceSumSquare', [gradient, last], gradient.shape.slice(0, -1), { keepdims: 0 });
    return gradient.shape.length === 1 ? byRow : graph.node('ReduceSum', [byRow], [], { keepdims: 0 });
  });
  return graph.node('Sqrt', [graph.node('Sum', squares, [])], []);
}

/** min(1, most / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ has it. */
export function clipFactor(graph: Graph, norm: Value, most: number): Value {
  const shifted = graph.node('Add', [norm, graph.float(1e-6)], []);
  return graph.node('Min', [graph.node('Div', [graph.float(most), shifted], []), graph.float(1)], []);
}
