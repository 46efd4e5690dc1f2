import type { ModelConfig } from '../../model/config.ts';
import { encoderLinears, expectedTensors } from '../../model/names.ts';
import { Graph } from '../graph.ts';
import type { DataType, OnnxGraph, Value } from '../onnx.ts';
import { encoder } from './encoder.ts';
import { head } from './head.ts';

/**
 * The forward pass of a model in our own form, node for node what the WASM engine computes, to the same bits: every sum of
 * f32 in its stated order, every rounding in its place. A reference: exact before fast. It runs on the CPU provider without
 * optimisations, which would fuse nodes.
 *
 * Inputs are `ids`, i64 [T], one sequence without padding, and every tensor of the files under its canonical name, as it lies
 * there. Outputs, in the order in which they are computed, are `hidden:0` (the embeddings) to `hidden:<layers>`, f32 [T, D], and
 * `logits`, f32 [1, L] of a sequence head, [T, L] of a token head. With `inputs`, each input of linear layers is there too, by
 * its name in model/names.ts, as `input:<name>` f32 [T, K] and `quantised:<name>` u8 [T, K]: the first output that differs is
 * the place where two paths part.
 */
export function q8Graph(config: ModelConfig, { inputs = false } = {}): OnnxGraph {
  const graph = new Graph();
  const ids = graph.input('ids', 'int64', ['T']);
  const tensors = tensorInputs(graph, config);
  const hidden = encoder(graph, config, tensors, ids, {
    input(name, { x, q }) {
      if (!inputs) return;
      graph.output(`input:${name}`, x);
      graph.output(`quantised:${name}`, q);
    },
    hidden: (layer, x) => graph.output(`hidden:${layer}`, x),
  });
  if (config.head !== 'none') graph.output('logits', head(graph, config, tensors, hidden));
  return graph.finish('q8');
}

/** Tensors as inputs of the graph, each from when it is first asked for. */
function tensorInputs(graph: Graph, config: ModelConfig): (name: string) => Value {
  const shapes = expectedTensors(config);
  const integers = new Set(['embeddings.word_embeddings', ...encoderLinears(config).map(({ name }) => name)]);
  const typeOf = (name: string): DataType => {
    if (name.endsWith('.outlier_columns')) return 'int64';
    return integers.has(name.replace(/\.weight$/, '')) ? 'int8' : 'float32';
  };
  const known = new Map<string, Value>();
  return (name) => {
    const shape = shapes.get(name);
    if (!shape) throw new Error(`${name}: expected a tensor of the model, got another`);
    const value = known.get(name) ?? graph.input(name, typeOf(name), shape);
    known.set(name, value);
    return value;
  };
}
