import type { ModelConfig } from '../model/config.ts';
import { encoder, head } from './distilbert.ts';
import { Graph } from './graph.ts';
import type { OnnxGraph, Value } from './onnx.ts';
import { crossEntropy, yesOrNo } from './operations/cross-entropy.ts';
import { firstTokens } from './operations/embedding.ts';
import { parametersOf } from './parameters.ts';

/**
 * The forward pass in f32: `loss` and `logits` of padded batches. Every parameter is an input under its own name, so that one session evaluates a
 * model as it changes.
 */
export function evaluationGraph(config: ModelConfig): OnnxGraph {
  const graph = new Graph();
  const weightOf = parameterInputs(graph, config);
  const hidden = encoder(graph, config, weightOf, encoderInputs(graph), {});
  const read = config.head === 'token' ? hidden : firstTokens(graph, hidden);
  const logits = head(graph, config, weightOf, read, {});
  const scores = config.problemType === 'multi_label_classification' ? yesOrNo(graph, logits) : logits;
  graph.output('loss', crossEntropy(graph, scores, graph.input('targets', 'float32', scores.shape)).loss);
  graph.output('logits', logits);
  return graph.finish('evaluation');
}

/** The encoder in f32, its parameters as inputs: hidden states f32 [B, S, D] of the embeddings, `hidden:0`, and of each layer. */
export function hiddenGraph(config: ModelConfig): OnnxGraph {
  const graph = new Graph();
  const weightOf = parameterInputs(graph, { ...config, head: 'none' });
  const hidden = (layer: number, x: Value) => graph.output(`hidden:${layer}`, x);
  encoder(graph, config, weightOf, encoderInputs(graph), { hidden });
  return graph.finish('hidden');
}

function encoderInputs(graph: Graph) {
  return {
    ids: graph.input('ids', 'int64', ['B', 'S']),
    mask: graph.input('mask', 'int64', ['B', 'S']),
    positions: graph.input('positions', 'int64', ['S']),
  };
}

function parameterInputs(graph: Graph, config: ModelConfig): (name: string) => Value {
  const weights = new Map(parametersOf(config).map(({ name, shape }) => [name, graph.input(name, 'float32', shape)]));
  return (name) => {
    const weight = weights.get(name);
    if (!weight) throw new Error(`${name}: expected a parameter of the model, got another`);
    return weight;
  };
}
