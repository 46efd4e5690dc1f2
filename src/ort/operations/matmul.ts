import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { transpose } from './layout.ts';

/** a f32 [.., M, K] times b f32 [.., K, N], leading axes alike. */
export function matmul(graph: Graph, a: Value, b: Value): Value {
  const leading = a.shape.slice(0, -2);
  const product = (left: Value, right: Value) =>
    graph.node('MatMul', [left, right], [...leading, left.shape.at(-2) as number, right.shape.at(-1) as number]);
  const swapped = (x: Value) => {
    const axes = x.shape.map((_, axis) => axis);
    return transpose(graph, x, [...axes.slice(0, -2), axes[axes.length - 1], axes[axes.length - 2]]);
  };
  return graph.differentiable(product(a, b), [a, b], (dy) => [
    product(dy, swapped(b)),
    // aᵀ dy, as (dyᵀ a)ᵀ: in attention a is [S, S] and dy [S, D / H], which is the cheaper one to turn over.
    swapped(product(swapped(dy), a)),
  ]);
}
