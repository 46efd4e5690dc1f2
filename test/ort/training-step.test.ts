import { describe, expect, test } from 'vitest';
import { parametersOf, size, turned } from '../../src/ort/parameters.ts';
import { KINDS, newName, stateName, type Unit } from '../../src/ort/state.ts';
import type { Tensor } from '../../src/ort/tensor.ts';
import {
  type DropoutMask,
  FROZEN,
  type StepGraph,
  type StepOptions,
  stepGraph,
  stepsGraph,
} from '../../src/ort/training-step.ts';
import { adamScalars } from '../../src/train/full/adam-scalars.ts';
import { longest, paddedBatch } from '../../src/train/full/padded-batch.ts';
import { configOf, DROPOUT, type Golden, goldens, kept, relative, rowsOf, tensorsOf } from './golden.ts';
import { openGraph } from './run-graph.ts';

/*
 * K steps in a Scan, its state by rows, beside one step at a time, its state by tensor: both against transformers and torch (golden/ort/training.py), and
 * against one another. training.test.ts has the gradients, and the same through the back end.
 */

const K = 5;
/** Relative; of tensors, L2. The worst of all cases: 1.4e-6, 2.7e-6, 4.7e-8 and 4.8e-5. */
const GATES = { loss: 2e-6, norm: 1e-5, weights: 1e-6, change: 5e-4 };
const NONE = { embeddings: 0, attention: 0, ffn: 0, head: 0 };
const ADAM = { weight_decay: 0.01, adam_beta1: 0.9, adam_beta2: 0.999, adam_epsilon: 1e-8, max_grad_norm: 1 };

type Feeds = Record<string, Tensor>;
type State = Map<string, Float32Array>;

interface Trained {
  losses: number[];
  norms: number[];
  /** `<kind>:<parameter>`, as the graph lays it. */
  state: State;
}

/** What each step of a golden is fed. Batches of a Scan have one size: the K of each are padded to their largest. */
function feedsOf(golden: Golden, masks: readonly DropoutMask[]): Feeds[] {
  const { set, steps } = rowsOf(golden);
  const targets = {
    task: golden.task,
    labels: golden.L,
    classWeights: golden.classWeights && Float32Array.from(golden.classWeights),
    smoothing: golden.smoothing ?? 0,
  };
  return steps.map((rows, i) => {
    const together = steps.slice(i - (i % K), i - (i % K) + K);
    const sizes = {
      B: Math.max(...together.map(({ length }) => length)),
      S: Math.max(...together.map((other) => longest(set, other))),
    };
    const { feeds } = paddedBatch(set, rows, { ...targets, ...sizes });
    const own = { B: rows.length, S: longest(set, rows) };
    for (const [site, { name, shape, p }] of masks.entries()) {
      const of = (known: typeof own) => shape.map((dim) => (typeof dim === 'number' ? dim : known[dim as 'B' | 'S']));
      const data = widened(kept(i + 1, site, of(own), p), of(own), of(sizes));
      feeds[name] = { type: 'uint8', shape: of(sizes), data };
    }
    return { ...feeds, ...adamScalars(ADAM, i + 1, golden.rates[i]) };
  });
}

/** A mask within a larger one of ones: the padding's values reach no loss, dropped or not. */
function widened(mask: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const result = new Uint8Array(size(to)).fill(1);
  for (const [i, value] of mask.entries()) {
    let [rest, at, stride] = [i, 0, 1];
    for (let axis = from.length - 1; axis >= 0; axis--) {
      at += (rest % from[axis]) * stride;
      rest = Math.floor(rest / from[axis]);
      stride *= to[axis];
    }
    result[at] = value;
  }
  return result;
}

/** The feeds of K steps as a Scan takes them. */
function stacked(feeds: readonly Feeds[]): Feeds {
  return Object.fromEntries(
    Object.entries(feeds[0]).map(([name, { type, shape, data }]) => {
      const all = new (data.constructor as typeof Float32Array)(data.length * feeds.length);
      for (const [k, each] of feeds.entries()) all.set(each[name].data as Float32Array, k * data.length);
      return [name, { type, shape: [feeds.length, ...shape], data: all }];
    }),
  );
}

async function train(golden: Golden, { graph, units }: StepGraph, runs: readonly Feeds[]): Promise<Trained> {
  const parameters = parametersOf(configOf(golden));
  const initial = tensorsOf(golden, 'initial');
  const inGraph = ({ name, shape, transposed }: (typeof parameters)[number]): Float32Array => {
    const values = initial.get(name) as Float32Array;
    return transposed ? turned(values, shape[1], shape[0]) : values;
  };
  const moving = new Set(units.flatMap((unit) => unit.parameters.map(({ name }) => name)));
  const frozen = joined(parameters.filter(({ name }) => !moving.has(name)).map(inGraph));
  const externalData = frozen.length > 0 ? [{ path: FROZEN, data: new Uint8Array(frozen.buffer) }] : [];
  const run = await openGraph(graph, { externalData });
  const of = (unit: Unit, data: Float32Array): Tensor => ({ type: 'float32', shape: unit.shape, data });
  let state: Feeds = {};
  for (const unit of units) {
    const weight = joined(unit.parameters.map(inGraph));
    for (const kind of KINDS) state[stateName(kind, unit)] = of(unit, kind === 'weight' ? weight : weight.map(() => 0));
  }
  const losses: number[] = [];
  const norms: number[] = [];
  for (const feeds of runs) {
    const results = await run({ ...feeds, ...state });
    losses.push(...results.loss);
    norms.push(...results.gradNorm);
    state = Object.fromEntries(
      units.flatMap((unit) => KINDS.map((kind) => [stateName(kind, unit), of(unit, results[newName(kind, unit)])])),
    );
  }
  const apart: State = new Map();
  for (const unit of units) {
    for (const kind of KINDS) {
      const { data } = state[stateName(kind, unit)];
      let at = 0;
      for (const { name, shape } of unit.parameters) {
        apart.set(`${kind}:${name}`, (data as Float32Array).subarray(at, at + size(shape)));
        at += size(shape);
      }
      expect(at).toBe(data.length);
    }
  }
  return { losses, norms, state: apart };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function expectAsTorch(golden: Golden, { losses, norms, state }: Trained): void {
  expect(losses.length).toBe(golden.losses.length);
  for (const [i, loss] of golden.losses.entries()) {
    expect(Math.abs(losses[i] / loss - 1), `loss of step ${i + 1}`).toBeLessThan(GATES.loss);
    expect(Math.abs(norms[i] / golden.norms[i] - 1), `norm of step ${i + 1}`).toBeLessThan(GATES.norm);
  }
  const initial = tensorsOf(golden, 'initial');
  const parameters = new Map(parametersOf(configOf(golden)).map((parameter) => [parameter.name, parameter]));
  const final = tensorsOf(golden, 'final');
  expect([...final.keys()].sort()).toEqual(
    [...state.keys()].flatMap((key) => (key.startsWith('weight:') ? [key.slice('weight:'.length)] : [])).sort(),
  );
  for (const [name, expected] of final) {
    // A constant on all scores of a row, which softmax does not see: the gradient is rounding on either side.
    if (name.endsWith('k_lin.bias')) continue;
    const { transposed, shape } = parameters.get(name) as { transposed: boolean; shape: readonly number[] };
    const values = state.get(`weight:${name}`) as Float32Array;
    const got = transposed ? turned(values, shape[0], shape[1]) : values;
    const before = initial.get(name) as Float32Array;
    const change = (to: Float32Array) => to.map((value, i) => value - before[i]);
    expect(relative(got, expected), name).toBeLessThan(GATES.weights);
    expect(relative(change(got), change(expected)), `change of ${name}`).toBeLessThan(GATES.change);
  }
}

describe.each(goldens)('$name', (golden) => {
  const options: StepOptions = {
    trained: golden.trained ?? 'full',
    dropout: golden.dropout ? DROPOUT : NONE,
    beta1: ADAM.adam_beta1,
    beta2: ADAM.adam_beta2,
    maxGradNorm: ADAM.max_grad_norm,
  };

  test(`20 steps as torch has them, one and ${K} at once, to the same bits`, async () => {
    const [step, steps] = [stepGraph, stepsGraph].map((graph) => graph(configOf(golden), options));
    const feeds = feedsOf(golden, step.masks);
    expect(steps.masks).toEqual(step.masks);
    const groups = Array.from({ length: feeds.length / K }, (_, i) => stacked(feeds.slice(i * K, (i + 1) * K)));
    const [one, many] = [await train(golden, step, feeds), await train(golden, steps, groups)];
    expectAsTorch(golden, one);
    expectAsTorch(golden, many);
    expect([...many.state.keys()].sort()).toEqual([...one.state.keys()].sort());
    for (const [name, values] of one.state) expect(many.state.get(name), name).toEqual(values);
    expect(many.losses).toEqual(one.losses);
    expect(many.norms).toEqual(one.norms);
  });
});
