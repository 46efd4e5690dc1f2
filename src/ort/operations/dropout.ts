import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { scale } from './elementwise.ts';

/**
 * x where `kept` (u8 of x's shape, 0 or 1) is 1, divided by 1 - p. The host draws the masks, so that a run that is broken off goes on
 * with the same ones; ONNX's Dropout has a generator inside, whose state can be neither read nor set.
 */
export function dropout(graph: Graph, x: Value, kept: Value, p: number): Value {
  const ones = graph.node('Cast', [kept], x.shape, { to: 1 }, 'float32');
  return scale(graph, x, graph.node('Mul', [ones, graph.float(1 / (1 - p))], x.shape));
}
