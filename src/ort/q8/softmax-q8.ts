import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { arithmetic, polynomial } from './arithmetic.ts';

/** The least power of 2 that a share needs. */
const LEAST = -20;

/** 2^LEAST to 2^0. */
const POWERS = Float32Array.from({ length: 1 - LEAST }, (_, i) => 2 ** (LEAST + i));

/** Softmax over the last axis of scores in powers of 2, as whole numbers q with one scale a row: assembly/scalar/attention-q8.ts. */
export function softmaxQ8(graph: Graph, x: Value): { q: Value; scale: Value } {
  const { subtract, multiply, divide, most, round, cast } = arithmetic(graph);
  const perRow = (op: string, values: Value) =>
    graph.node(op, [values, graph.integers([-1])], [...x.shape.slice(0, -1), 1], { keepdims: 1 });
  const below = most(subtract(x, perRow('ReduceMax', x)), LEAST);
  const n = round(below);
  const mantissa = polynomial(graph, subtract(below, n), [14.0272382, 61.7637615, 176.787147, 255]);
  const table = graph.constant('float32', [POWERS.length], POWERS);
  const power = graph.node('Gather', [table, cast(subtract(n, LEAST), 'int64')], x.shape, { axis: 0 });
  const q = round(multiply(mantissa, power));
  // Whole numbers below 2^24: exact in any order.
  return { q, scale: divide(1, perRow('ReduceSum', q)) };
}
