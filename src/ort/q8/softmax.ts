import type { Graph } from '../graph.ts';
import type { Dim, Value } from '../onnx.ts';
import { arithmetic } from './arithmetic.ts';
import { exp } from './exp.ts';
import { addLanes, laneSums } from './sums.ts';

const LANES = 4;

/** Softmax of scale * x over the last axis of x f32 [.., N]: assembly/scalar/softmax.ts. */
export function softmax(graph: Graph, x: Value, scale: number): Value {
  const { subtract, multiply, divide } = arithmetic(graph);
  const scaled = multiply(x, scale);
  const top = graph.node('ReduceMax', [scaled, graph.integers([-1])], [...x.shape.slice(0, -1), 1], { keepdims: 1 });
  const e = exp(graph, subtract(scaled, top));
  const sum = addLanes(graph, laneSums(graph, padded(graph, e), LANES));
  return multiply(e, divide(1, sum));
}

/** The last axis filled up to whole lanes with zeros, which change no sum of exponentials. */
function padded(graph: Graph, x: Value): Value {
  const { negate } = arithmetic(graph);
  const rank = x.shape.length;
  const N = graph.node('Shape', [x], [1], { start: -1 }, 'int64');
  const missing = graph.node('Mod', [negate(N), graph.integers([LANES])], [1]);
  const before = graph.integers(new Array(2 * rank - 1).fill(0));
  const pads = graph.node('Concat', [before, missing], [2 * rank], { axis: 0 });
  const whole: Dim = 'padded';
  return graph.node('Pad', [x, pads], [...x.shape.slice(0, -1), whole]);
}
