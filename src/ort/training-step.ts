import type { ModelConfig } from '../model/config.ts';
import { globalNorm, type Moments } from './adamw.ts';
import { type DropoutSite, encoder, type Hooks, head } from './distilbert.ts';
import { Graph } from './graph.ts';
import type { DataType, Dim, OnnxGraph, Value } from './onnx.ts';
import { crossEntropy, yesOrNo } from './operations/cross-entropy.ts';
import { dropout } from './operations/dropout.ts';
import { firstTokens } from './operations/embedding.ts';
import { type OptimizerOptions, optimize, stateOf } from './optimize.ts';
import { type Parameter, parametersOf, size } from './parameters.ts';
import { split, stateName, type Unit, unitsByRows, unitsByTensor } from './state.ts';

export interface StepOptions extends OptimizerOptions {
  /** All parameters, or those of the head alone; the others are read from {@link FROZEN}. */
  trained: 'full' | 'head';
  /** Probability of each place; a place of probability 0 has no mask. */
  dropout: Readonly<Record<DropoutSite, number>>;
}

/** What the host feeds for a step, beside the state: f32 unless said otherwise. */
type Feed = (name: string, type: DataType, shape: readonly Dim[]) => Value;

/** The external data that holds the parameters which do not move, in the order of `parametersOf`. */
export const FROZEN = 'frozen';

/** Names of the masks that a step reads, and their shapes in B and S: what the host has to draw. */
export interface DropoutMask {
  name: string;
  shape: readonly Dim[];
  p: number;
}

export interface StepGraph {
  graph: OnnxGraph;
  units: readonly Unit[];
  masks: readonly DropoutMask[];
}

/** Loss, logits and the gradient of every trained parameter, `gradient:<name>`: what a checker compares. */
export function gradientGraph(config: ModelConfig, options: StepOptions): StepGraph {
  const graph = new Graph();
  const { trained, frozen } = partition(config, options);
  const units = unitsByTensor(trained);
  const weights = new Map(
    units.map((unit) => [unit.name, graph.input(stateName('weight', unit), 'float32', unit.shape)]),
  );
  const masks: DropoutMask[] = [];
  const feed: Feed = (name, type, shape) => graph.input(name, type, shape);
  const { loss, logits, gradients } = differentiate(
    graph,
    config,
    options,
    weights,
    frozenWeights(graph, frozen),
    feed,
    masks,
  );
  graph.output('loss', loss);
  graph.output('logits', logits);
  graph.output('gradNorm', globalNorm(graph, [...gradients.values()]));
  for (const [name, gradient] of gradients) graph.output(`gradient:${name}`, gradient);
  return { graph: graph.finish('gradients'), units, masks };
}

/** One step, its state by tensor: loss, gradNorm and the new state. */
export function stepGraph(config: ModelConfig, options: StepOptions): StepGraph {
  const graph = new Graph();
  const { trained, frozen } = partition(config, options);
  const units = unitsByTensor(trained);
  const masks: DropoutMask[] = [];
  const feed: Feed = (name, type, shape) => graph.input(name, type, shape);
  const step = update(graph, config, options, units, frozenWeights(graph, frozen), feed, masks);
  for (const [name, value] of step) graph.output(name, value);
  return { graph: graph.finish('step'), units, masks };
}

/**
 * K steps in one `Scan`, its state by rows: onnxruntime-node has no IO binding, so that without it weights and moments (800 MB
 * for DistilBERT-base) would cross the bus at every step. Every feed, and loss and gradNorm, has K in front.
 */
export function stepsGraph(config: ModelConfig, options: StepOptions): StepGraph {
  const graph = new Graph();
  const body = new Graph('step_');
  const { trained, frozen } = partition(config, options);
  const units = unitsByRows(trained, config.dim);
  const masks: DropoutMask[] = [];
  const states: Value[] = [];
  const scanned: Value[] = [];
  const feeds: Value[] = [];
  const feed: Feed = (name, type, shape) => {
    scanned.push(graph.input(name, type, ['K', ...shape]));
    const each = body.input(`each_${name}`, type, shape);
    feeds.push(each);
    return each;
  };
  const state = (name: string, shape: readonly number[]) => {
    states.push(graph.input(name, 'float32', shape));
    return body.input(`step_${name}`, 'float32', shape);
  };
  const step = update(body, config, options, units, frozenWeights(graph, frozen), feed, masks, state);
  for (const [name, value] of step) body.output(`step_${name}`, value);
  const finished = body.finish('step');
  const carried = states.map(({ name }) => finished.inputs.find((input) => input.name === `step_${name}`) as Value);
  const results = [...step].map(([name, { type, shape }]) => ({
    name,
    value: { type, shape: name === 'loss' || name === 'gradNorm' ? ['K', ...shape] : shape },
  }));
  const outputs = graph.nodes(
    'Scan',
    [...states, ...scanned],
    results.map(({ value }) => value),
    { body: { graph: { ...finished, inputs: [...carried, ...feeds] } }, num_scan_inputs: scanned.length },
  );
  for (const [i, { name }] of results.entries()) graph.output(name, outputs[i]);
  return { graph: graph.finish('steps'), units, masks };
}

/**
 * One step whose gradient is that of several batches together, its state by tensor. Every feed but Adam's scalars has A, the number of batches, in
 * front; what they learn from is in memory one at a time.
 */
export function accumulatedStepGraph(config: ModelConfig, options: StepOptions): StepGraph {
  const graph = new Graph();
  const body = new Graph('batch_');
  const { trained, frozen } = partition(config, options);
  const units = unitsByTensor(trained);
  const kept = stateOf(units, (name, shape) => graph.input(name, 'float32', shape));
  const weights = new Map(units.map((unit) => [unit.name, (kept.get(unit) as Moments).weight]));
  const masks: DropoutMask[] = [];
  const scanned: Value[] = [];
  const feeds: Value[] = [];
  const feed: Feed = (name, type, shape) => {
    scanned.push(graph.input(name, type, ['A', ...shape]));
    const each = body.input(`each_${name}`, type, shape);
    feeds.push(each);
    return each;
  };
  const { loss, gradients } = differentiate(body, config, options, weights, frozenWeights(graph, frozen), feed, masks);
  const sums = units.map(({ name, shape }) => ({ name, shape, sum: body.input(`sum_${name}`, 'float32', shape) }));
  for (const { name, shape, sum } of sums) {
    body.output(`next_${name}`, body.node('Add', [sum, gradients.get(name) as Value], shape));
  }
  body.output('each_loss', loss);
  const zeros = sums.map(({ shape }) => graph.node('ConstantOfShape', [graph.integers(shape)], shape, {}, 'float32'));
  const float = (shape: readonly Dim[]) => ({ type: 'float32', shape }) as const;
  const results = graph.nodes(
    'Scan',
    [...zeros, ...scanned],
    [...sums.map(({ shape }) => float(shape)), float(['A'])],
    {
      body: { graph: { ...body.finish('batch'), inputs: [...sums.map(({ sum }) => sum), ...feeds] } },
      num_scan_inputs: scanned.length,
    },
  );
  const losses = results[sums.length];
  const whole = new Map(sums.map(({ name }, i) => [name, results[i]]));
  const scalar = (name: string) => graph.input(name, 'float32', []);
  for (const [name, value] of optimize(graph, options, kept, whole, scalar)) graph.output(name, value);
  graph.output('loss', graph.node('ReduceSum', [losses], [], { keepdims: 0 }));
  return { graph: graph.finish('accumulated'), units, masks };
}

/** The new state by output name, then gradNorm and loss: the order in which a Scan's body must give them. */
function update(
  graph: Graph,
  config: ModelConfig,
  options: StepOptions,
  units: readonly Unit[],
  frozen: ReadonlyMap<string, Value>,
  feed: Feed,
  masks: DropoutMask[],
  state = (name: string, shape: readonly number[]) => graph.input(name, 'float32', shape),
): Map<string, Value> {
  const kept = stateOf(units, state);
  const weights = new Map([...kept].flatMap(([unit, { weight }]) => split(graph, unit, weight)));
  const { loss, gradients } = differentiate(graph, config, options, weights, frozen, feed, masks);
  const scalar = (name: string) => feed(name, 'float32', []);
  return optimize(graph, options, kept, gradients, scalar).set('loss', loss);
}

/** Forward, loss, backward. */
function differentiate(
  graph: Graph,
  config: ModelConfig,
  options: StepOptions,
  weights: ReadonlyMap<string, Value>,
  frozen: ReadonlyMap<string, Value>,
  feed: Feed,
  masks: DropoutMask[],
): { loss: Value; logits: Value; gradients: Map<string, Value> } {
  const hooks: Hooks = {
    dropout: (x, site) => {
      const p = options.dropout[site];
      if (p === 0) return x;
      const mask = { name: `kept:${masks.length}`, shape: x.shape, p };
      masks.push(mask);
      return dropout(graph, x, feed(mask.name, 'uint8', x.shape), p);
    },
  };
  const weightOf = (name: string) => (weights.get(name) ?? frozen.get(name)) as Value;
  const inputs = {
    ids: feed('ids', 'int64', ['B', 'S']),
    mask: feed('mask', 'int64', ['B', 'S']),
    positions: feed('positions', 'int64', ['S']),
  };
  const hidden = encoder(graph, config, weightOf, inputs, hooks);
  const read = config.head === 'token' ? hidden : firstTokens(graph, hidden, feed('isFirst', 'float32', ['S', 1]));
  const logits = head(graph, config, weightOf, read, hooks);
  const scores = config.problemType === 'multi_label_classification' ? yesOrNo(graph, logits) : logits;
  const { loss, gradient } = crossEntropy(graph, scores, feed('targets', 'float32', scores.shape));
  // In one order, however the state lays them, and so their norm adds up: a Scan trains to the same bits as one step at a time.
  const parameters = parametersOf(config).flatMap(({ name }) => {
    const weight = weights.get(name);
    return weight ? [[name, weight] as const] : [];
  });
  const gradients = graph.backward(
    scores,
    gradient,
    parameters.map(([, value]) => value),
  );
  return { loss, logits, gradients: new Map(parameters.map(([name], i) => [name, gradients[i]])) };
}

function partition(config: ModelConfig, { trained }: StepOptions): { trained: Parameter[]; frozen: Parameter[] } {
  const all = parametersOf(config);
  const moves = (parameter: Parameter) => trained === 'full' || parameter.head;
  return { trained: all.filter(moves), frozen: all.filter((parameter) => !moves(parameter)) };
}

function frozenWeights(graph: Graph, parameters: readonly Parameter[]): Map<string, Value> {
  let offset = 0;
  return new Map(
    parameters.map(({ name, shape }) => {
      const length = size(shape) * 4;
      const data = { location: FROZEN, offset, length };
      offset += length;
      return [name, graph.initializer({ name, type: 'float32', shape, data })];
    }),
  );
}
