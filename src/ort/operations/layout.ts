import type { Graph } from '../graph.ts';
import type { Dim, Value } from '../onnx.ts';

/**
 * The same values in another shape.
 *
 * @param target what ONNX's Reshape takes: 0 keeps the size at its place, -1 is what is left
 * @param shape what comes of it
 */
export function reshape(graph: Graph, x: Value, target: readonly number[], shape: readonly Dim[]): Value {
  return graph.node('Reshape', [x, graph.integers(target)], shape);
}

/** Axis i of the result is axis permutation[i] of x. */
export function transpose(graph: Graph, x: Value, permutation: readonly number[]): Value {
  const y = graph.node(
    'Transpose',
    [x],
    permutation.map((axis) => x.shape[axis]),
    { perm: permutation },
  );
  const back = permutation.map((_, axis) => permutation.indexOf(axis));
  return graph.differentiable(y, [x], (dy) => [transpose(graph, dy, back)]);
}

/** x f32 [B, S, D] by heads: [B, S, H, D / H]. */
export function splitHeads(graph: Graph, x: Value, H: number): Value {
  const [B, S, D] = x.shape;
  const y = reshape(graph, x, [0, 0, H, -1], [B, S, H, (D as number) / H]);
  return graph.differentiable(y, [x], (dy) => [reshape(graph, dy, [0, 0, -1], [B, S, D])]);
}

/** x f32 [B, S, H, D / H] to [B, S, D]. */
export function mergeHeads(graph: Graph, x: Value): Value {
  const [B, S, H, size] = x.shape as [Dim, Dim, number, number];
  const y = reshape(graph, x, [0, 0, -1], [B, S, H * size]);
  return graph.differentiable(y, [x], (dy) => [reshape(graph, dy, [0, 0, H, -1], [B, S, H, size])]);
}

/** All but the last axis as one, f32 [T, K]: the form in which weights' gradients are one product. Not differentiated. */
export function rows(graph: Graph, x: Value): Value {
  const K = x.shape[x.shape.length - 1] as number;
  return x.shape.length === 2 ? x : reshape(graph, x, [-1, K], ['T', K]);
}
