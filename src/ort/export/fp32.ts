import { DataError } from '../../errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import { encoder, type Hooks, head } from '../distilbert.ts';
import { Graph } from '../graph.ts';
import type { OnnxGraph, Value } from '../onnx.ts';
import { parametersOf, turned } from '../parameters.ts';
import { headInput } from './head-input.ts';

/** Every tensor, f32, by canonical name and as Hugging Face lays it. */
export type FloatWeights = ReadonlyMap<string, Float32Array>;

/** What a protobuf message can hold, less room for all but the weights; larger models would need theirs beside. */
const MOST_BYTES = 2 ** 31 - 2 ** 20;

/**
 * @param where for messages
 * @throws DataError where the weights are too large for an ONNX file that holds them
 */
export function checkSize(weights: FloatWeights, where: string): void {
  const size = [...weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (size > MOST_BYTES) {
    throw new DataError(
      `${where}: expected weights of less than 2 GiB, which ONNX holds in one file, got ${size} bytes`,
    );
  }
}

/**
 * A model as transformers.js reads it: `input_ids` and `attention_mask`, i64 [batch_size, sequence_length], to `logits`, or without a head to `last_hidden_state`. Its
 * weights are in it.
 */
export function fp32Model(config: ModelConfig, weights: FloatWeights): OnnxGraph {
  const graph = new Graph();
  const parameters = new Map(parametersOf(config).map((parameter) => [parameter.name, parameter]));
  const known = new Map<string, Value>();
  const weightOf = (name: string): Value => {
    const { shape, transposed } = parameters.get(name) as { shape: readonly number[]; transposed: boolean };
    const values = weights.get(name) as Float32Array;
    const data = transposed ? turned(values, shape[1], shape[0]) : values;
    const value = known.get(name) ?? initializer(graph, name, shape, data);
    known.set(name, value);
    return value;
  };
  return finish(graph, config, weightOf, {});
}

/** The graph around the weights, whatever computes with them. */
export function finish(graph: Graph, config: ModelConfig, weightOf: (name: string) => Value, hooks: Hooks): OnnxGraph {
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'sequence_length']);
  const hidden: Value[] = [];
  const inputs = { ids, mask, positions: positionsOf(graph, ids, config) };
  const last = encoder(graph, config, weightOf, inputs, { ...hooks, hidden: (_, x) => hidden.push(x) });
  if (config.head === 'none') graph.output('last_hidden_state', last);
  else graph.output('logits', head(graph, config, weightOf, headInput(graph, config, hidden, mask), hooks));
  return graph.finish('model');
}

export function initializer(graph: Graph, name: string, shape: readonly number[], values: Float32Array): Value {
  const { buffer, byteOffset, byteLength } = values;
  return graph.initializer({ name, type: 'float32', shape, data: new Uint8Array(buffer, byteOffset, byteLength) });
}

/** 0, 1, 2, … i64 [sequence_length]. */
function positionsOf(graph: Graph, ids: Value, { positions }: ModelConfig): Value {
  const all = graph.integers(Array.from({ length: positions }, (_, i) => i));
  const sizes = graph.node('Shape', [ids], [2], {}, 'int64');
  const [zero, one, two] = [0, 1, 2].map((value) => graph.integers([value]));
  const length = graph.node('Slice', [sizes, one, two], [1], {}, 'int64');
  return graph.node('Slice', [all, zero, length], ['sequence_length'], {}, 'int64');
}
