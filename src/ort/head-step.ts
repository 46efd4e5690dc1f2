import { type HeadConfig, headShapes } from '../model/head.ts';
import { head } from './distilbert.ts';
import { Graph } from './graph.ts';
import type { OnnxGraph, Value } from './onnx.ts';
import { crossEntropy, yesOrNo } from './operations/cross-entropy.ts';
import { type OptimizerOptions, optimize, stateOf } from './optimize.ts';
import type { Parameter } from './parameters.ts';
import { type Unit, unitsByTensor } from './state.ts';

/** A head's parameters, as the graphs hold them. */
export function headParameters(config: HeadConfig): Parameter[] {
  return [...headShapes(config)].map(([name, shape]) => {
    const isWeight = name.endsWith('.weight');
    return { name, shape: isWeight ? [shape[1], shape[0]] : shape, transposed: isWeight, decays: isWeight, head: true };
  });
}

/**
 * A step of a head alone on feature vectors, `features` f32 [M, P], of any pooling: `loss`, `gradNorm`, every `gradient:<name>`, and the new state. What
 * the WASM head computes, a second time. `targets` are those of crossEntropy.
 */
export function headStepGraph(
  config: HeadConfig,
  options: OptimizerOptions,
): { graph: OnnxGraph; units: readonly Unit[] } {
  const graph = new Graph();
  const units = unitsByTensor(headParameters(config));
  const kept = stateOf(units, (name, shape) => graph.input(name, 'float32', shape));
  const weights = new Map([...kept].map(([{ name }, { weight }]) => [name, weight]));
  const features = graph.input('features', 'float32', ['M', config.width]);
  const logits = head(graph, config, (name) => weights.get(name) as Value, features, {});
  const scores = config.problemType === 'multi_label_classification' ? yesOrNo(graph, logits) : logits;
  const { loss, gradient } = crossEntropy(graph, scores, graph.input('targets', 'float32', scores.shape));
  const parameters = [...weights];
  const values = graph.backward(
    scores,
    gradient,
    parameters.map(([, value]) => value),
  );
  const gradients = new Map(parameters.map(([name], i) => [name, values[i]]));
  for (const [name, value] of gradients) graph.output(`gradient:${name}`, value);
  const updated = optimize(graph, options, kept, gradients, (name) => graph.input(name, 'float32', []));
  for (const [name, value] of updated.set('loss', loss)) graph.output(name, value);
  return { graph: graph.finish('head'), units };
}
