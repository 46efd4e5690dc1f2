import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';

/** x Φ(x), exactly (Hendrycks & Gimpel 2016): the `gelu` of transformers. */
export function gelu(graph: Graph, x: Value): Value {
  const constant = (op: string, value: Value, number: number) => graph.node(op, [value, graph.float(number)], x.shape);
  const multiply = (a: Value, b: Value) => graph.node('Mul', [a, b], x.shape);
  const erf = graph.node('Erf', [constant('Mul', x, Math.SQRT1_2)], x.shape);
  const cumulative = constant('Add', constant('Mul', erf, 0.5), 0.5);
  return graph.differentiable(multiply(x, cumulative), [x], (dy) => {
    const exp = graph.node('Exp', [multiply(x, constant('Mul', x, -0.5))], x.shape);
    const slope = graph.node(
      'Add',
      [cumulative, multiply(constant('Mul', x, 1 / Math.sqrt(2 * Math.PI)), exp)],
      x.shape,
    );
    return [multiply(dy, slope)];
  });
}
