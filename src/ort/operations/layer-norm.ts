import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { rows } from './layout.ts';

/** x f32 [.., D]; gain, bias f32 [D] (Ba et al. 2016). */
export function layerNorm(graph: Graph, x: Value, gain: Value, bias: Value, epsilon: number): Value {
  const perRow = [...x.shape.slice(0, -1), 1];
  const of = (type: 'float32', shape: readonly (number | string)[]) => ({ type, shape });
  const [y, mean, inverse] = graph.nodes(
    'LayerNormalization',
    [x, gain, bias],
    [of('float32', x.shape), of('float32', perRow), of('float32', perRow)],
    { axis: -1, epsilon: { float: epsilon } },
  );
  return graph.differentiable(y, [x, gain, bias], (dy) => {
    const wide = (op: string, a: Value, b: Value) => graph.node(op, [a, b], x.shape);
    const meanOf = (value: Value) => graph.node('ReduceMean', [value, graph.integers([-1])], perRow, { keepdims: 1 });
    const sumOf = (value: Value) =>
      graph.node('ReduceSum', [rows(graph, value), graph.integers([0])], gain.shape, { keepdims: 0 });
    const normal = wide('Mul', wide('Sub', x, mean), inverse);
    const scaled = wide('Mul', dy, gain);
    const along = meanOf(wide('Mul', scaled, normal));
    const rest = wide('Sub', wide('Sub', scaled, meanOf(scaled)), wide('Mul', normal, along));
    return [wide('Mul', rest, inverse), sumOf(wide('Mul', dy, normal)), sumOf(dy)];
  });
}
