import type { ModelConfig } from '../../model/config.ts';
import type { Graph } from '../graph.ts';
import type { Value } from '../onnx.ts';
import { gelu, relu } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { attentionQ8 } from './attention-q8.ts';
import { embedQ8 } from './embed.ts';
import { layerNorm } from './layer-norm.ts';
import { linearQ8 } from './linear-q8.ts';
import { type QuantizedRows, quantizeRows } from './quantize-rows.ts';

/** A tensor of our own form, by its canonical name. */
export type Tensors = (name: string) => Value;

/** Sees values in the order in which they are made, as the engine's EncoderObserver does. */
export interface Observer {
  /** Each input of linear layers, quantised, under its `input` name of model/names.ts. */
  input(input: string, rows: QuantizedRows): void;
  /** Hidden states f32 [T, D] of a layer: 0 for the embeddings, then 1 for each layer. */
  hidden(layer: number, x: Value): void;
}

/** Ids i64 [T] to the hidden states of the embeddings and of each layer: src/engine/encoder.ts. */
export function encoder(graph: Graph, config: ModelConfig, tensors: Tensors, ids: Value, observer: Observer): Value[] {
  const { layers, heads: H, activation, layerNormEps } = config;
  const C = config.bertwasm?.outlier_columns ?? 0;
  const { add } = arithmetic(graph);
  const columnsOf = (linear: string) => (C ? tensors(`${linear}.weight.outlier_columns`) : undefined);

  const quantize = (x: Value, input: string, linear: string): QuantizedRows => {
    const rows = quantizeRows(graph, x, columnsOf(linear));
    observer.input(input, rows);
    return rows;
  };
  const apply = (rows: QuantizedRows, linear: string): Value => {
    const weight = `${linear}.weight`;
    const columns = columnsOf(linear);
    return linearQ8(graph, rows, {
      weight: tensors(weight),
      scale: tensors(`${weight}.scale`),
      bias: tensors(`${linear}.bias`),
      outliers: columns && { columns, weight: tensors(`${weight}.outliers`) },
    });
  };
  const linear = (x: Value, name: string) => apply(quantize(x, name, name), name);
  const norm = (x: Value, name: string) =>
    layerNorm(graph, x, tensors(`${name}.weight`), tensors(`${name}.bias`), layerNormEps);
  const activate = activation === 'gelu' ? gelu : relu;

  const words = 'embeddings.word_embeddings.weight';
  const positions = tensors('embeddings.position_embeddings.weight');
  const embedded = embedQ8(graph, ids, tensors(words), tensors(`${words}.scale`), positions);
  const hidden: Value[] = [];
  const finish = (x: Value) => {
    observer.hidden(hidden.length, x);
    hidden.push(x);
  };
  finish(norm(embedded, 'embeddings.LayerNorm'));
  for (let i = 0; i < layers; i++) {
    const layer = `transformer.layer.${i}`;
    const rows = quantize(hidden[i], `${layer}.attention`, `${layer}.attention.q_lin`);
    const [queries, keys, values] = ['q_lin', 'k_lin', 'v_lin'].map((name) =>
      apply(rows, `${layer}.attention.${name}`),
    );
    const context = attentionQ8(graph, queries, keys, values, H);
    const x = norm(add(hidden[i], linear(context, `${layer}.attention.out_lin`)), `${layer}.sa_layer_norm`);
    const inner = activate(graph, linear(x, `${layer}.ffn.lin1`));
    finish(norm(add(x, linear(inner, `${layer}.ffn.lin2`)), `${layer}.output_layer_norm`));
  }
  return hidden;
}
