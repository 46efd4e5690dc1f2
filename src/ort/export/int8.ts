import type { ModelConfig } from '../../model/config.ts';
import { encoderLinears, headTensors } from '../../model/names.ts';
import { quantizeRows } from '../../model/quantizer.ts';
import { Graph } from '../graph.ts';
import type { OnnxGraph, Value } from '../onnx.ts';
import { type FloatWeights, finish, initializer } from './fp32.ts';

/** What an unsigned weight of 0 is. */
const ZERO = 128;

/**
 * The same model with weights of 8 bits, one scale for each output channel and for each word, and activations quantised as they come (DynamicQuantizeLinear,
 * MatMulInteger), as transformers.js' `q8` files. Weights are u8 around 128: with s8 onnxruntime saturates sums of two products on CPUs without
 * VNNI (microsoft/onnxruntime#6004).
 */
export function int8Model(config: ModelConfig, weights: FloatWeights): OnnxGraph {
  const graph = new Graph();
  const linears = new Map(encoderLinears(config).map(({ name, n, k }) => [name, { N: n, K: k }]));
  for (const [name, [N, K]] of headTensors(config)) {
    if (name.endsWith('.weight')) linears.set(name.slice(0, -'.weight'.length), { N, K });
  }
  const of = (name: string) => weights.get(name) as Float32Array;
  const vector = (name: string): Value => initializer(graph, name, [of(name).length], of(name));
  const zero = graph.constant('uint8', [], Uint8Array.of(ZERO));

  const dense = (x: Value, name: string): Value => {
    const { N, K } = linears.get(name) as { N: number; K: number };
    const { weight, scale } = quantizeRows(of(`${name}.weight`), N, K);
    const data = new Uint8Array(N * K);
    for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) data[k * N + n] = weight[n * K + k] + ZERO;
    const integers = graph.initializer({ name: `${name}.weight_quantized`, type: 'uint8', shape: [K, N], data });
    const [q, step, offset] = graph.nodes(
      'DynamicQuantizeLinear',
      [x],
      [
        { type: 'uint8', shape: x.shape },
        { type: 'float32', shape: [] },
        { type: 'uint8', shape: [] },
      ],
    );
    const shape = [...x.shape.slice(0, -1), N];
    const sums = graph.node('MatMulInteger', [q, integers, offset, zero], shape, {}, 'int32');
    const scales = graph.node('Mul', [step, initializer(graph, `${name}.weight_scale`, [N], scale)], [N]);
    const product = graph.node('Mul', [graph.node('Cast', [sums], shape, { to: 1 }, 'float32'), scales], shape);
    return graph.node('Add', [product, vector(`${name}.bias`)], shape);
  };

  const words = (ids: Value): Value => {
    const { vocabSize: V, dim: D } = config;
    const name = 'embeddings.word_embeddings.weight';
    const { weight, scale } = quantizeRows(of(name), V, D);
    const data = new Uint8Array(weight.buffer);
    const table = graph.initializer({ name: `${name}_quantized`, type: 'int8', shape: [V, D], data });
    const rows = graph.node('Gather', [table, ids], [...ids.shape, D], { axis: 0 });
    const floats = graph.node('Cast', [rows], rows.shape, { to: 1 }, 'float32');
    const steps = graph.node('Gather', [initializer(graph, `${name}_scale`, [V, 1], scale), ids], [...ids.shape, 1], {
      axis: 0,
    });
    return graph.node('Mul', [floats, steps], rows.shape);
  };

  const known = new Map<string, Value>();
  const weightOf = (name: string): Value => {
    const values = of(name);
    const shape = name.includes('position_embeddings') ? [config.positions, config.dim] : [values.length];
    const value = known.get(name) ?? initializer(graph, name, shape, values);
    known.set(name, value);
    return value;
  };
  return finish(graph, config, weightOf, { dense, words });
}
