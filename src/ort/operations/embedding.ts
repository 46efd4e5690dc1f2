import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { reshape, rows } from './layout.ts';

/**
 * Rows of table f32 [V, D] by ids i64 [..]: f32 [.., D]. Its gradient is dense, as torch's is: rows that no id names get 0.
 *
 * ScatterElements adds it up, since onnxruntime's ScatterND on the CPU loses what two threads add to a row at once
 * (https://github.com/microsoft/onnxruntime/issues/23396; with 2 threads, 8 of 200 gradients were wrong).
 */
export function embedding(graph: Graph, table: Value, ids: Value): Value {
  const [V, D] = table.shape as [number, number];
  const y = graph.node('Gather', [table, ids], [...ids.shape, D], { axis: 0 });
  return graph.differentiable(y, [table], (dy) => {
    const zeros = graph.node('ConstantOfShape', [graph.integers([V, D])], [V, D], {}, 'float32');
    const column = reshape(graph, ids, [-1, 1], ['T', 1]);
    const where = graph.node('Expand', [column, graph.integers([1, D])], ['T', D]);
    return [graph.node('ScatterElements', [zeros, where, rows(graph, dy)], [V, D], { axis: 0, reduction: 'add' })];
  });
}

/** x f32 [B, S, D] + y f32 [S, D]: the same of every sequence, as positions are. */
export function addToEach(graph: Graph, x: Value, y: Value): Value {
  return graph.differentiable(graph.node('Add', [x, y], x.shape), [x, y], (dz) => [
    dz,
    graph.node('ReduceSum', [dz, graph.integers([0])], y.shape, { keepdims: 0 }),
  ]);
}

/**
 * The first token of each sequence, f32 [B, D] of x f32 [B, S, D].
 *
 * @param isFirst f32 [S, 1]: 1, then zeros. Spreads the gradient over S, a size that is known only when the graph runs; for a graph without gradients none
 */
export function firstTokens(graph: Graph, x: Value, isFirst?: Value): Value {
  const [B, , D] = x.shape;
  const first = graph.constant('int64', [], BigInt64Array.of(0n));
  const y = graph.node('Gather', [x, first], [B, D], { axis: 1 });
  return graph.differentiable(y, [x], (dy) => {
    if (!isFirst) throw new Error('firstTokens: expected isFirst where there is a gradient, got none');
    const between = reshape(graph, dy, [0, 1, -1], [B, 1, D]);
    return [graph.node('Mul', [between, isFirst], x.shape)];
  });
}
