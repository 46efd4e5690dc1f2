import type { Graph } from '../graph.ts';
import { DATA_TYPES, type DataType, type Dim, type Value } from '../onnx.ts';

/** What a node gave, or a number, which takes the type of the operand beside it. */
export type Operand = Value | number;

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

/**
 * Elementwise nodes. Each rounds once and none is fused with another, so that a chain of them has the engine's order of
 * operations, which no kernel for a whole LayerNorm or softmax promises.
 */
export function arithmetic(graph: Graph) {
  const operand = (a: Operand, beside: Operand): Value => {
    if (typeof a !== 'number') return a;
    const type = (beside as Value).type as keyof typeof ARRAYS;
    return graph.constant(type, [], ARRAYS[type].of(a));
  };
  const binary = (op: string) => (a: Operand, b: Operand) => {
    const operands = [operand(a, b), operand(b, a)];
    return graph.node(op, operands, broadcast(operands[0].shape, operands[1].shape));
  };
  const unary = (op: string) => (x: Value) => graph.node(op, [x], x.shape);
  return {
    add: binary('Add'),
    subtract: binary('Sub'),
    multiply: binary('Mul'),
    divide: binary('Div'),
    least: binary('Min'),
    most: binary('Max'),
    negate: unary('Neg'),
    /** To the nearest integer, half to even. */
    round: unary('Round'),
    squareRoot: unary('Sqrt'),
    cast: (x: Value, type: DataType) => graph.node('Cast', [x], x.shape, { to: DATA_TYPES[type] }, type),
  };
}

/** c[0] x^n + c[1] x^(n - 1) + …, by Horner's rule. */
export function polynomial(graph: Graph, x: Value, [first, ...others]: readonly number[]): Value {
  const { add, multiply } = arithmetic(graph);
  return others.reduce<Operand>((sum, next) => add(multiply(sum, x), next), first) as Value;
}

/** numpy's rule, which ONNX shares. */
function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a, b].map((shape) => shape[i - rank + shape.length] ?? 1);
    return m === 1 ? n : m;
  });
}
