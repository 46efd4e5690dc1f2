import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';

/** Over the last axis. */
export function softmax(graph: Graph, x: Value): Value {
  const y = graph.node('Softmax', [x], x.shape, { axis: -1 });
  return graph.differentiable(y, [x], (dy) => {
    const multiply = (a: Value, b: Value) => graph.node('Mul', [a, b], x.shape);
    const weighted = multiply(dy, y);
    const sum = graph.node('ReduceSum', [weighted, graph.integers([-1])], [...x.shape.slice(0, -1), 1], {
      keepdims: 1,
    });
    return [graph.node('Sub', [weighted, multiply(y, sum)], x.shape)];
  });
}
