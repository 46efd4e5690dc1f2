import type { Graph } from '../graph.ts';
import type { Dim, Value } from '../onnx.ts';
import { reshape } from '../operations/layout.ts';
import { arithmetic } from './arithmetic.ts';

/**
 * Sum over one axis, from its first element to its last: the end of a running sum. ReduceSum promises no order.
 *
 * @param axis from the front
 */
export function orderedSum(graph: Graph, x: Value, axis: number): Value {
  const running = graph.node('CumSum', [x, graph.integers([axis])], x.shape);
  const last = graph.constant('int64', [], BigInt64Array.of(-1n));
  return graph.node(
    'Gather',
    [running, last],
    x.shape.filter((_, i) => i !== axis),
    { axis },
  );
}

/**
 * Partial sums over the last axis as a vector kernel makes them: element i goes into lane i mod `lanes`.
 *
 * @param x the last axis a multiple of `lanes`
 * @returns [.., lanes]
 */
export function laneSums(graph: Graph, x: Value, lanes: number): Value {
  const leading = x.shape.slice(0, -1);
  const blocks: Dim = 'blocks';
  const kept = leading.map(() => 0);
  const apart = reshape(graph, x, [...kept, -1, lanes], [...leading, blocks, lanes]);
  // Kernels start from 0, which makes 0 of a sum of -0 alone.
  return arithmetic(graph).add(orderedSum(graph, apart, leading.length), 0);
}

/** Lanes 0 + 1 + (2 + 3) of [.., 4], as assembly/lanes.ts adds them: [.., 1]. */
export function addLanes(graph: Graph, lanes: Value): Value {
  const { add } = arithmetic(graph);
  const [a, b, c, d] = split(graph, lanes, 4);
  return add(add(a, b), add(c, d));
}

/** The last axis in equal parts. */
export function split(graph: Graph, x: Value, parts: number): Value[] {
  const shape = [...x.shape.slice(0, -1), (x.shape.at(-1) as number) / parts];
  const results = Array.from({ length: parts }, () => ({ type: x.type, shape }));
  return graph.nodes('Split', [x], results, { axis: -1, num_outputs: parts });
}
