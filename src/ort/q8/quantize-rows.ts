import type { Graph } from '../graph.ts';
import type { Dim, Value } from '../onnx.ts';
import { arithmetic } from './arithmetic.ts';

/** x = (q - zero) * scale, but for the outlier columns, which stand as zero in q. */
export interface QuantizedRows {
  /** f32 [T, K], what was quantised. */
  x: Value;
  /** u8 [T, K] */
  q: Value;
  /** f32 [T, 1] */
  scale: Value;
  /** i32 [T, 1] */
  zero: Value;
}

/**
 * x f32 [T, K] to u8, each row by its own range: assembly/scalar/quantize-rows.ts.
 *
 * @param columns i64 [C], the outlier columns; none where C is 0
 */
export function quantizeRows(graph: Graph, x: Value, columns: Value | undefined): QuantizedRows {
  const { add, subtract, multiply, divide, least, most, negate, round, cast } = arithmetic(graph);
  const perRow = (op: string, values: Value) =>
    graph.node(op, [values, graph.integers([-1])], [x.shape[0], 1], { keepdims: 1 });
  const kept = columns ? withoutColumns(graph, x, columns) : x;
  const low = least(perRow('ReduceMin', kept), 0);
  const high = most(perRow('ReduceMax', kept), 0);
  const range = most(subtract(high, low), 1e-12);
  const inverse = divide(255, range);
  const zero = round(multiply(negate(low), inverse));
  // 0 times a row, summed, is NaN where the row is not finite.
  const scale = add(divide(range, 255), perRow('ReduceSum', multiply(kept, 0)));
  // f64 holds product and sum exactly, so there is one rounding, half to even.
  const value = round(add(cast(multiply(kept, inverse), 'float64'), cast(zero, 'float64')));
  return { x, q: cast(least(most(value, 0), 255), 'uint8'), scale, zero: cast(zero, 'int32') };
}

function withoutColumns(graph: Graph, x: Value, columns: Value): Value {
  const [[, K], [C]] = [x.shape, columns.shape] as [Dim[], Dim[]] as [[Dim, number], [number]];
  const none = graph.constant('bool', [K], new Uint8Array(K));
  const all = graph.constant('bool', [C], new Uint8Array(C).fill(1));
  const isOutlier = graph.node('ScatterElements', [none, columns, all], [K], { axis: 0 });
  return graph.node('Where', [isOutlier, graph.float(0), x], x.shape, {}, 'float32');
}
