import type { Graph } from '../graph.ts';
import type { Dim, Value } from '../onnx.ts';
import { reshape, transpose } from '../operations/layout.ts';
import { orderedMatmul } from './matmul.ts';
import { softmax } from './softmax.ts';

/** Multi-head attention of one sequence; queries, keys, values and the result f32 [T, D]: assembly/scalar/attention.ts. */
export function attention(graph: Graph, queries: Value, keys: Value, values: Value, H: number): Value {
  const [T, D] = queries.shape as [Dim, number];
  const size = D / H;
  const byHead = (x: Value, permutation: readonly number[]) =>
    transpose(graph, reshape(graph, x, [-1, H, size], [T, H, size]), permutation);
  const zero = graph.float(0);
  const scores = orderedMatmul(graph, byHead(queries, [1, 0, 2]), byHead(keys, [1, 2, 0]), zero);
  const shares = softmax(graph, scores, Math.fround(1 / Math.fround(Math.sqrt(size))));
  const context = orderedMatmul(graph, shares, byHead(values, [1, 0, 2]), zero);
  return reshape(graph, transpose(graph, context, [1, 0, 2]), [-1, D], [T, D]);
}
