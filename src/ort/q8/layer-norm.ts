import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { arithmetic } from './arithmetic.ts';
import { addLanes, laneSums, split } from './sums.ts';

/** x f32 [T, D]; gain, bias f32 [D]: assembly/scalar/layer-norm.ts. */
export function layerNorm(graph: Graph, x: Value, gain: Value, bias: Value, epsilon: number): Value {
  const { add, subtract, multiply, divide, squareRoot, cast } = arithmetic(graph);
  const D = x.shape[1] as number;
  const mean = (values: Value) => {
    const [low, high] = split(graph, laneSums(graph, values, 8), 2);
    return multiply(addLanes(graph, add(low, high)), 1 / D);
  };
  const centred = subtract(x, mean(x));
  const variance = add(mean(multiply(centred, centred)), epsilon);
  // In f64, whose root rounds to the right f32: in f32 a vector library may refine an estimate.
  const deviation = cast(squareRoot(cast(variance, 'float64')), 'float32');
  return add(multiply(multiply(centred, divide(1, deviation)), gain), bias);
}
