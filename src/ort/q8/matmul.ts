import { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { arithmetic } from './arithmetic.ts';

/**
 * start + a b, each sum from k = 0 on, one product at a time: assembly/scalar/matmul-f32.ts. The loop is a Scan over k of
 * sum + a[.., k] b[k, ..], since MatMul promises no order.
 *
 * @param a f32 [.., M, K]
 * @param b f32 [.., K, N]
 * @param start f32 of a shape that broadcasts to the result's, [.., M, N]
 */
export function orderedMatmul(graph: Graph, a: Value, b: Value, start: Value): Value {
  const [M, N] = [a.shape.at(-2) as number, b.shape.at(-1) as number];
  const leading = a.shape.slice(0, -2);
  const rank = a.shape.length;
  const axis = rank - 1;
  const column = graph.node('Unsqueeze', [a, graph.integers([rank])], [...a.shape, 1]);
  const row = graph.node('Unsqueeze', [b, graph.integers([rank - 2])], [...leading, 1, ...b.shape.slice(-2)]);
  const shape = graph.node(
    'Concat',
    [graph.node('Shape', [a], [rank - 1], { end: -1 }, 'int64'), graph.node('Shape', [b], [1], { start: -1 }, 'int64')],
    [rank],
    { axis: 0 },
  );
  const initial = graph.node('Expand', [start, shape], [...leading, M, N]);

  const body = new Graph('sum_');
  const { add, multiply } = arithmetic(body);
  const sum = body.input('sum', 'float32', [...leading, M, N]);
  const left = body.input('left', 'float32', [...leading, M, 1]);
  const right = body.input('right', 'float32', [...leading, 1, N]);
  body.output('next', add(sum, multiply(left, right)));
  return graph.node('Scan', [initial, column, row], initial.shape, {
    body: { graph: body.finish('sum') },
    num_scan_inputs: 2,
    scan_input_axes: [axis, axis],
  });
}
