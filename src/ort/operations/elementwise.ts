import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';

/** x + y of one shape. */
export function add(graph: Graph, x: Value, y: Value): Value {
  return graph.differentiable(graph.node('Add', [x, y], x.shape), [x, y], (dz) => [dz, dz]);
}

/** x times what is no parameter and broadcasts to x: a number, a mask. */
export function scale(graph: Graph, x: Value, factor: Value): Value {
  const y = graph.node('Mul', [x, factor], x.shape);
  return graph.differentiable(y, [x], (dy) => [graph.node('Mul', [dy, factor], x.shape)]);
}

/** x plus what is no parameter and broadcasts to x. */
export function shift(graph: Graph, x: Value, offset: Value): Value {
  return graph.differentiable(graph.node('Add', [x, offset], x.shape), [x], (dy) => [dy]);
}

export function relu(graph: Graph, x: Value): Value {
  const y = graph.node('Relu', [x], x.shape);
  return graph.differentiable(y, [x], (dy) => [graph.node('Mul', [dy, graph.node('Sign', [y], x.shape)], x.shape)]);
}
