import { Graph } from '../graph.ts';
import type { Dim, Value } from '../onnx.ts';
import { reshape } from '../operations/layout.ts';
import { arithmetic, polynomial } from './arithmetic.ts';

/** The least power of 2. */
const LEAST = -100;

/** 2^LEAST to 2^0. */
const POWERS = Float32Array.from({ length: 1 - LEAST }, (_, i) => 2 ** (LEAST + i));

/** What rounding leaves of a share is carried to the one so much further. */
const LANES = 8;

/**
 * Softmax over the last axis of scores in powers of 2, [H, T, T], as whole numbers q with one scale a row:
 * assembly/scalar/attention-q8.ts.
 */
export function softmaxQ8(graph: Graph, x: Value): { q: Value; scale: Value } {
  const { subtract, multiply, divide, most, round, cast } = arithmetic(graph);
  const perRow = (op: string, values: Value) =>
    graph.node(op, [values, graph.integers([-1])], [...x.shape.slice(0, -1), 1], { keepdims: 1 });
  const below = most(subtract(x, perRow('ReduceMax', x)), LEAST);
  const n = round(below);
  const mantissa = polynomial(graph, subtract(below, n), [14.0272382, 61.7637615, 176.787147, 255]);
  const table = graph.constant('float32', [POWERS.length], POWERS);
  const power = graph.node('Gather', [table, cast(subtract(n, LEAST), 'int64')], x.shape, { axis: 0 });
  const q = roundedWithCarry(graph, multiply(mantissa, power));
  // Whole numbers below 2^24: exact in any order.
  return { q, scale: divide(1, perRow('ReduceSum', q)) };
}

/** Each value [H, T, T] with the carry of the eighth before it, rounded: a Scan over blocks of eight. */
function roundedWithCarry(graph: Graph, x: Value): Value {
  const [H, T] = x.shape as [number, Dim];
  const blocks: Dim = 'blocks';
  const whole = padded(graph, x);
  const apart = reshape(graph, whole, [0, 0, -1, LANES], [H, T, blocks, LANES]);
  const first = graph.node('Gather', [apart, graph.constant('int64', [], BigInt64Array.of(0n))], [H, T, LANES], {
    axis: 2,
  });

  const body = new Graph('carry_');
  const inner = arithmetic(body);
  const carry = body.input('carry', 'float32', [H, T, LANES]);
  const block = body.input('block', 'float32', [H, T, LANES]);
  const sum = inner.least(inner.add(block, carry), 255);
  const q = inner.round(sum);
  body.output('next', inner.subtract(sum, q));
  body.output('rounded', q);
  const [, rounded] = graph.nodes(
    'Scan',
    [arithmetic(graph).multiply(first, 0), apart],
    [
      { type: 'float32', shape: [H, T, LANES] },
      { type: 'float32', shape: [H, T, blocks, LANES] },
    ],
    { body: { graph: body.finish('carry') }, num_scan_inputs: 1, scan_input_axes: [2], scan_output_axes: [2] },
  );
  const length = graph.node('Shape', [x], [1], { start: -1 }, 'int64');
  const joined = reshape(graph, rounded, [0, 0, -1], [H, T, 'padded']);
  return graph.node('Slice', [joined, graph.integers([0]), length, graph.integers([2])], x.shape);
}

/** The last axis filled up to whole lanes with zeros, which round to 0 with any carry. */
function padded(graph: Graph, x: Value): Value {
  const { negate } = arithmetic(graph);
  const rank = x.shape.length;
  const N = graph.node('Shape', [x], [1], { start: -1 }, 'int64');
  const missing = graph.node('Mod', [negate(N), graph.integers([LANES])], [1]);
  const before = graph.integers(new Array(2 * rank - 1).fill(0));
  const pads = graph.node('Concat', [before, missing], [2 * rank], { axis: 0 });
  return graph.node('Pad', [x, pads], [...x.shape.slice(0, -1), 'padded']);
}
