import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { arithmetic, polynomial } from './arithmetic.ts';

/** erf y is y P(y²) / Q(y²); from the highest power down. */
const P = [
  -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5, -7.34990630326855e-4,
  -2.9545998085402e-3, -1.60960333262415e-2,
];
const Q = [
  -1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3, -1.42647390514189e-2,
];

/** assembly/scalar/gelu.ts */
export function gelu(graph: Graph, x: Value): Value {
  const { add, multiply, divide, least, most } = arithmetic(graph);
  const y = least(most(multiply(x, Math.SQRT1_2), -4), 4);
  const square = multiply(y, y);
  const erf = divide(multiply(y, polynomial(graph, square, P)), polynomial(graph, square, Q));
  return multiply(multiply(x, 0.5), add(1, erf));
}

/** assembly/scalar/relu.ts: of -0 it is -0, which ONNX's Relu leaves open. */
export function relu(graph: Graph, x: Value): Value {
  const zero = graph.float(0);
  const negative = graph.node('Less', [x, zero], x.shape, {}, 'bool');
  return graph.node('Where', [negative, zero, x], x.shape, {}, 'float32');
}
