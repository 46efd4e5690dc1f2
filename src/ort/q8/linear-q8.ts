import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { transpose } from '../operations/layout.ts';
import { arithmetic } from './arithmetic.ts';
import { orderedMatmul } from './matmul.ts';
import type { QuantizedRows } from './quantize-rows.ts';

/** A quantised linear layer as it lies in encoder.safetensors. */
export interface LinearQ8 {
  /** i8 [N, K] */
  weight: Value;
  /** f32 [N] */
  scale: Value;
  /** f32 [N] */
  bias: Value;
  /** i64 [C] and f32 [N, C]; none where C is 0. */
  outliers?: { columns: Value; weight: Value };
}

/** f32 [T, N]: assembly/scalar/linear-q8.ts. */
export function linearQ8(graph: Graph, rows: QuantizedRows, { weight, scale, bias, outliers }: LinearQ8): Value {
  const { add, multiply, cast } = arithmetic(graph);
  const sums = cast(integerSums(graph, rows, weight), 'float32');
  const y = add(multiply(sums, multiply(rows.scale, scale)), bias);
  if (!outliers) return y;
  const { columns, weight: kept } = outliers;
  const x = graph.node('Gather', [rows.x, columns], [rows.x.shape[0], columns.shape[0]], { axis: 1 });
  return orderedMatmul(graph, x, transpose(graph, kept, [1, 0]), y);
}

/**
 * Σ (q - zero) w, i32 [T, N], exact.
 *
 * MatMulInteger of u8 with s8 is not, on x86 without VNNI: there vpmaddubsw adds two products of u8 and s8 in 16 bits, which
 * saturate (onnxruntime issues 6004, 14642). Two products of 7 bits with s8 do fit, so q goes in as its low seven bits and its
 * highest one.
 */
function integerSums(graph: Graph, { q, zero }: QuantizedRows, weight: Value): Value {
  const { add, subtract, multiply } = arithmetic(graph);
  const [N, K] = weight.shape as [number, number];
  const turned = transpose(graph, weight, [1, 0]);
  const dot = (a: Value) => graph.node('MatMulInteger', [a, turned], [a.shape[0], N], {}, 'int32');
  const u8 = (value: number) => graph.constant('uint8', [], Uint8Array.of(value));
  const low = graph.node('BitwiseAnd', [q, u8(127)], q.shape);
  const high = graph.node('BitShift', [q, u8(7)], q.shape, { direction: 'RIGHT' });
  const ofWeights = dot(graph.constant('uint8', [1, K], new Uint8Array(K).fill(1)));
  return subtract(add(dot(low), multiply(dot(high), 128)), multiply(zero, ofWeights));
}
