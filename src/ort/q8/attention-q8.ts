import type { Graph } from '../graph.ts';
import type { Dim, Value } from '../onnx.ts';
import { reshape, transpose } from '../operations/layout.ts';
import { arithmetic } from './arithmetic.ts';
import { quantizeRows } from './quantize-rows.ts';
import { softmaxQ8 } from './softmax-q8.ts';

/** Integers, and the scale that makes values of them. */
interface Quantized {
  /** f32, whole numbers */
  q: Value;
  scale: Value;
}

/**
 * Multi-head attention of one sequence in integers; queries, keys, values and the result f32 [T, D]:
 * assembly/scalar/attention-q8.ts.
 */
export function attentionQ8(graph: Graph, queries: Value, keys: Value, values: Value, H: number): Value {
  const { add, multiply } = arithmetic(graph);
  const [T, D] = queries.shape as [Dim, number];
  const S = D / H;
  const byHead = (x: Value) => transpose(graph, reshape(graph, x, [-1, H, S], [T, H, S]), [1, 0, 2]);

  const query = quantizeQueries(graph, byHead(queries));
  const factor = Math.fround(Math.fround(Math.LOG2E) / Math.fround(Math.sqrt(S)));
  const key = quantizeKeys(graph, byHead(keys), factor);
  const turned = (x: Value) => transpose(graph, x, [0, 2, 1]);
  const scores = multiply(exactProduct(graph, query.q, turned(key.q)), multiply(query.scale, turned(key.scale)));
  const share = softmaxQ8(graph, scores);
  const { middle, ...value } = quantizeValues(graph, byHead(values));
  const context = add(multiply(exactProduct(graph, share.q, value.q), multiply(share.scale, value.scale)), middle);
  return reshape(graph, transpose(graph, context, [1, 0, 2]), [-1, D], [T, D]);
}

/** Each query [H, T, S] less its zero point. */
function quantizeQueries(graph: Graph, x: Value): Quantized {
  const { subtract, cast } = arithmetic(graph);
  const [H, T, S] = x.shape as [number, Dim, number];
  const { q, scale, zero } = quantizeRows(graph, reshape(graph, x, [-1, S], ['H T', S]), undefined);
  const apart = (value: Value, last: number) => reshape(graph, value, [H, -1, last], [H, T, last]);
  return { q: apart(cast(subtract(cast(q, 'int32'), zero), 'float32'), S), scale: apart(scale, 1) };
}

/** Each key [H, T, S] by its own range. */
function quantizeKeys(graph: Graph, x: Value, factor: number): Quantized {
  const { multiply, divide, most, round } = arithmetic(graph);
  const size = graph.node('Abs', [x], x.shape);
  const largest = graph.node('ReduceMax', [size, graph.integers([-1])], [...x.shape.slice(0, -1), 1], { keepdims: 1 });
  const top = most(largest, 1e-12);
  return { q: round(multiply(x, divide(127, top))), scale: multiply(divide(top, 127), factor) };
}

/** Each column of [H, T, S] about the middle of its range. */
function quantizeValues(graph: Graph, x: Value): Quantized & { middle: Value } {
  const { add, subtract, multiply, divide, most, round } = arithmetic(graph);
  const [H, , S] = x.shape as [number, Dim, number];
  const perColumn = (op: string) => graph.node(op, [x, graph.integers([1])], [H, 1, S], { keepdims: 1 });
  const [low, high] = [perColumn('ReduceMin'), perColumn('ReduceMax')];
  const middle = multiply(add(low, high), 0.5);
  const reach = most(multiply(subtract(high, low), 0.5), 1e-12);
  return { q: round(multiply(subtract(x, middle), divide(127, reach))), scale: divide(reach, 127), middle };
}

/** Whole numbers in f64: their products and sums are exact in any order. */
function exactProduct(graph: Graph, a: Value, b: Value): Value {
  const { cast } = arithmetic(graph);
  const shape = [...a.shape.slice(0, -1), b.shape.at(-1) as Dim];
  return cast(graph.node('MatMul', [cast(a, 'float64'), cast(b, 'float64')], shape), 'float32');
}
