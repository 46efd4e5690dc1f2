import type { ModelConfig } from '../model/config.ts';
import type { Graph } from './graph.ts';
import type { Value } from './onnx.ts';
import { add, relu, scale, shift } from './operations/elementwise.ts';
import { addToEach, embedding } from './operations/embedding.ts';
import { gelu } from './operations/gelu.ts';
import { layerNorm } from './operations/layer-norm.ts';
import { mergeHeads, splitHeads, transpose } from './operations/layout.ts';
import { linear } from './operations/linear.ts';
import { matmul } from './operations/matmul.ts';
import { softmax } from './operations/softmax.ts';

/** A tensor of the model by its canonical name; weights of linear layers lie as operations/linear.ts has them, [K, N]. */
export type Weights = (name: string) => Value;

/** Where transformers' DistilBERT drops values in training. */
export type DropoutSite = 'embeddings' | 'attention' | 'ffn' | 'head';

/** What a model does beside computing, or otherwise: drops values in training, shows hidden states to a checker, computes with integers. */
export interface Hooks {
  dropout?: (x: Value, site: DropoutSite) => Value;
  /** The embeddings are layer 0. */
  hidden?: (layer: number, x: Value) => void;
  /** A linear layer by its name, f32 [.., K] to [.., N]; default in f32. */
  dense?: (x: Value, name: string) => Value;
  /** Rows of the word embeddings, ids i64 [B, S] to f32 [B, S, D]; default of an f32 table. */
  words?: (ids: Value) => Value;
}

export interface EncoderInputs {
  /** i64 [B, S], padded. */
  ids: Value;
  /** i64 [B, S]: 1 a token, 0 padding. */
  mask: Value;
  /** i64 [S]: 0, 1, 2, … */
  positions: Value;
}

/** Added to the scores of padding, as transformers does. */
const MASKED = -3.4028234663852886e38;

/** Last hidden states, f32 [B, S, D], of transformers' DistilBertModel. */
export function encoder(
  graph: Graph,
  config: ModelConfig,
  weights: Weights,
  inputs: EncoderInputs,
  hooks: Hooks,
): Value {
  const { dropout = (x) => x, hidden, dense = denseOf(graph, weights) } = hooks;
  const { layers, heads, dim, activation } = config;
  const norm = (x: Value, name: string) =>
    layerNorm(graph, x, weights(`${name}.weight`), weights(`${name}.bias`), config.layerNormEps);
  const activate = activation === 'gelu' ? gelu : relu;
  const bias = attentionBias(graph, inputs.mask);
  const perHead = graph.float(1 / Math.sqrt(dim / heads));

  const words = hooks.words?.(inputs.ids) ?? embedding(graph, weights('embeddings.word_embeddings.weight'), inputs.ids);
  const positions = embedding(graph, weights('embeddings.position_embeddings.weight'), inputs.positions);
  let x = dropout(norm(addToEach(graph, words, positions), 'embeddings.LayerNorm'), 'embeddings');
  hidden?.(0, x);
  for (let i = 0; i < layers; i++) {
    const layer = `transformer.layer.${i}`;
    const byHead = (name: string, permutation: readonly number[]) =>
      transpose(graph, splitHeads(graph, dense(x, `${layer}.attention.${name}`), heads), permutation);
    const query = scale(graph, byHead('q_lin', [0, 2, 1, 3]), perHead);
    const keys = byHead('k_lin', [0, 2, 3, 1]);
    const values = byHead('v_lin', [0, 2, 1, 3]);
    const scores = dropout(softmax(graph, shift(graph, matmul(graph, query, keys), bias)), 'attention');
    const context = mergeHeads(graph, transpose(graph, matmul(graph, scores, values), [0, 2, 1, 3]));
    x = norm(add(graph, dense(context, `${layer}.attention.out_lin`), x), `${layer}.sa_layer_norm`);
    const inner = activate(graph, dense(x, `${layer}.ffn.lin1`));
    x = norm(add(graph, dropout(dense(inner, `${layer}.ffn.lin2`), 'ffn'), x), `${layer}.output_layer_norm`);
    hidden?.(i + 1, x);
  }
  return x;
}

/**
 * Logits of the head of transformers' DistilBertForSequenceClassification, f32 [B, D] to [B, L], or DistilBertForTokenClassification, f32 [B, S, D] to
 * [B, S, L].
 */
export function head(
  graph: Graph,
  { preClassifier }: Pick<ModelConfig, 'preClassifier'>,
  weights: Weights,
  x: Value,
  { dropout = (x) => x, dense = denseOf(graph, weights) }: Hooks,
): Value {
  const inner = preClassifier ? relu(graph, dense(x, 'pre_classifier')) : x;
  return dense(dropout(inner, 'head'), 'classifier');
}

function denseOf(graph: Graph, weights: Weights): (x: Value, name: string) => Value {
  return (x, name) => linear(graph, x, weights(`${name}.weight`), weights(`${name}.bias`));
}

/** f32 [B, 1, 1, S]: 0 for a token, {@link MASKED} for padding. */
function attentionBias(graph: Graph, mask: Value): Value {
  const [B, S] = mask.shape;
  const ones = graph.node('Cast', [mask], mask.shape, { to: 1 }, 'float32');
  const padding = graph.node('Sub', [graph.float(1), ones], mask.shape, {}, 'float32');
  const bias = graph.node('Mul', [padding, graph.float(MASKED)], mask.shape);
  return graph.node('Reshape', [bias, graph.integers([0, 1, 1, -1])], [B, 1, 1, S]);
}
