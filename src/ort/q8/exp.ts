import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { arithmetic, polynomial } from './arithmetic.ts';

/** The least argument, and the least power of 2 that it needs. */
const LEAST = -60;
const LEAST_POWER = Math.round(LEAST / Math.LN2);

/** 2^LEAST_POWER to 2^0, exact in f32. */
const POWERS = Float32Array.from({ length: 1 - LEAST_POWER }, (_, i) => 1 / 2 ** (-LEAST_POWER - i));

/** e^x of x f32 up to 0, at least e^-60: assembly/scalar/exp.ts, its 2^n from a table. */
export function exp(graph: Graph, value: Value): Value {
  const { add, subtract, multiply, most, round, cast } = arithmetic(graph);
  const x = most(value, LEAST);
  const n = round(multiply(x, Math.LOG2E));
  const r = add(subtract(x, multiply(n, 0.693359375)), multiply(n, 2.1219444e-4));
  const p = polynomial(
    graph,
    r,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  );
  const mantissa = add(add(multiply(p, multiply(r, r)), r), 1);
  const table = graph.constant('float32', [POWERS.length], POWERS);
  const power = graph.node('Gather', [table, cast(subtract(n, LEAST_POWER), 'int64')], value.shape, { axis: 0 });
  return multiply(mantissa, power);
}
