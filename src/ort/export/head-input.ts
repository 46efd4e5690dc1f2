import type { ModelConfig } from '../../model/config.ts';
import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { firstTokens } from '../operations/embedding.ts';
import { reshape } from '../operations/layout.ts';

/**
 * What the head reads by its pooling, of padded batches: f32 [B, P], or [B, S, P] of a token head.
 *
 * @param hidden states f32 [B, S, D] of the embeddings and of each layer
 * @param mask i64 [B, S]
 */
export function headInput(graph: Graph, config: ModelConfig, hidden: readonly Value[], mask: Value): Value {
  const { head, pooling } = config;
  const last = hidden[hidden.length - 1];
  if (pooling === 'layers') {
    return beside(graph, head === 'token' ? hidden : hidden.map((x) => meanOfTokens(graph, x, mask)));
  }
  if (head === 'token') return last;
  return pooling === 'mean' ? meanOfTokens(graph, last, mask) : firstTokens(graph, last);
}

function beside(graph: Graph, parts: readonly Value[]): Value {
  const [{ shape }] = parts;
  const width = parts.length * (shape[shape.length - 1] as number);
  return graph.node('Concat', parts, [...shape.slice(0, -1), width], { axis: -1 });
}

/** f32 [B, D] of x f32 [B, S, D], without padding. */
function meanOfTokens(graph: Graph, x: Value, mask: Value): Value {
  const [B, S, D] = x.shape;
  const ones = graph.node('Cast', [mask], [B, S], { to: 1 }, 'float32');
  const sums = graph.node('MatMul', [reshape(graph, ones, [0, 1, -1], [B, 1, S]), x], [B, 1, D]);
  const count = graph.node('ReduceSum', [ones, graph.integers([1])], [B, 1], { keepdims: 1 });
  return graph.node('Div', [reshape(graph, sums, [0, -1], [B, D]), count], [B, D]);
}
