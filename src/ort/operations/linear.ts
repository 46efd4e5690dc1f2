import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { rows } from './layout.ts';

/**
 * x f32 [.., K] times weight f32 [K, N], plus bias f32 [N]. The weight lies transposed to Hugging Face's [N, K], so that
 * MatMul, which keeps the leading axes and needs no Reshape with sizes that are not known yet, reads it as it is.
 */
export function linear(graph: Graph, x: Value, weight: Value, bias: Value): Value {
  const [K, N] = weight.shape as [number, number];
  const leading = x.shape.slice(0, -1);
  const product = graph.node('MatMul', [x, weight], [...leading, N]);
  const y = graph.node('Add', [product, bias], product.shape);
  return graph.differentiable(y, [x, weight, bias], (dy) => {
    const across = graph.node('Transpose', [weight], [N, K], { perm: [1, 0] });
    const dx = graph.node('MatMul', [dy, across], x.shape);
    const dyRows = rows(graph, dy);
    // Gemm sums over all rows without a transposed copy of x.
    const dWeight = graph.node('Gemm', [rows(graph, x), dyRows], [K, N], { transA: 1 });
    const dBias = graph.node('ReduceSum', [dyRows, graph.integers([0])], [N], { keepdims: 0 });
    return [dx, dWeight, dBias];
  });
}
