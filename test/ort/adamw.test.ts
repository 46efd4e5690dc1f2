import { describe, expect, test } from 'vitest';
import { adamw, clipFactor, globalNorm } from '../../src/ort/adamw.ts';
import { Graph } from '../../src/ort/graph.ts';
import type { Tensor } from '../../src/ort/tensor.ts';
import { adamScalars } from '../../src/train/full/adam-scalars.ts';
import { relative } from './golden.ts';
import { openGraph } from './run-graph.ts';

/* What 20 steps of a training hardly show: Adam's steps are nearly the same whatever the gradient's scale. */

const vector = (...values: number[]): Tensor => ({
  type: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const scalar = (value: number): Tensor => ({ type: 'float32', shape: [], data: Float32Array.of(value) });

test('norm of all gradients together', async () => {
  const graph = new Graph();
  const gradients = [graph.input('a', 'float32', [2, 3]), graph.input('b', 'float32', [2])];
  graph.output('norm', globalNorm(graph, gradients));
  const run = await openGraph(graph.finish('norm'));
  const a: Tensor = { ...vector(1, -2, 3, -4, 5, -6), shape: [2, 3] };
  const { norm } = await run({ a, b: vector(-3, 7) });
  expect(norm[0]).toBeCloseTo(Math.sqrt(1 + 4 + 9 + 16 + 25 + 36 + 9 + 49), 5);
});

describe('factor that clips', () => {
  test.each([
    [1, 0.5],
    [1, 1],
    [1, 4],
    [0.25, 4],
    [1e-5, 1e-5],
    [1e-5, 0],
  ])('to %d a norm of %d', async (most, norm) => {
    const graph = new Graph();
    graph.output('factor', clipFactor(graph, graph.input('norm', 'float32', []), most));
    const { factor } = await (await openGraph(graph.finish('clip')))({ norm: scalar(norm) });
    // torch.nn.utils.clip_grad_norm_
    expect(Math.abs(factor[0] / Math.min(1, most / (norm + 1e-6)) - 1)).toBeLessThan(1e-6);
  });
});

/** torch.optim.AdamW in f64, as its documentation has it. */
function reference(
  steps: readonly { gradient: number[]; rate: number }[],
  start: readonly number[],
  { beta1, beta2, epsilon, weightDecay }: { beta1: number; beta2: number; epsilon: number; weightDecay: number },
): number[] {
  const weight = [...start];
  const mean = start.map(() => 0);
  const square = start.map(() => 0);
  for (const [i, { gradient, rate }] of steps.entries()) {
    for (const [j, g] of gradient.entries()) {
      weight[j] -= rate * weightDecay * weight[j];
      mean[j] = beta1 * mean[j] + (1 - beta1) * g;
      square[j] = beta2 * square[j] + (1 - beta2) * g * g;
      const root = Math.sqrt(square[j] / (1 - beta2 ** (i + 1)));
      weight[j] -= (rate * (mean[j] / (1 - beta1 ** (i + 1)))) / (root + epsilon);
    }
  }
  return weight;
}

/** Gradients down to epsilon's size, where it counts; a step without any. */
const GRADIENTS = [
  [1, -0.5, 1e-3, 1e-4, -2e-5],
  [0.5, 0.25, -1e-3, 3e-4, 1e-5],
  [0, 0, 0, 0, 0],
  [-2, 1e-8, 5e-4, -1e-4, 3e-5],
];
const START = [1, -2, 0.5, 0.25, -0.125];
const SETTINGS = { beta1: 0.8, beta2: 0.99, epsilon: 1e-4 };

test.each([
  [true, 0.1],
  [false, 0],
])('AdamW, with decay: %s', async (decays, weightDecay) => {
  const graph = new Graph();
  const input = (name: string, shape: number[]) => graph.input(name, 'float32', shape);
  const moments = { weight: input('weight', [5]), mean: input('mean', [5]), square: input('square', [5]) };
  // An input that no node reads is one all the same: a session asks for it.
  const scalars = { decay: input('decay', []), stepSize: input('stepSize', []), epsilon: input('epsilon', []) };
  const updated = adamw(graph, moments, input('gradient', [5]), scalars, { ...SETTINGS, decays });
  for (const [name, value] of Object.entries(updated)) graph.output(`new_${name}`, value);
  const run = await openGraph(graph.finish('adamw'));

  const steps = GRADIENTS.map((gradient, i) => ({ gradient, rate: 0.01 * (i + 1) }));
  const options = {
    weight_decay: 0.1,
    adam_beta1: SETTINGS.beta1,
    adam_beta2: SETTINGS.beta2,
    adam_epsilon: SETTINGS.epsilon,
    max_grad_norm: 0,
  };
  let state = { weight: vector(...START), mean: vector(0, 0, 0, 0, 0), square: vector(0, 0, 0, 0, 0) };
  for (const [i, { gradient, rate }] of steps.entries()) {
    const results = await run({ ...state, ...adamScalars(options, i + 1, rate), gradient: vector(...gradient) });
    state = {
      weight: vector(...results.new_weight),
      mean: vector(...results.new_mean),
      square: vector(...results.new_square),
    };
  }
  const change = (weight: ArrayLike<number>) => START.map((start, i) => weight[i] - start);
  const expected = reference(steps, START, { ...SETTINGS, weightDecay });
  for (const [i, difference] of change(state.weight.data as Float32Array).entries()) {
    expect(relative([difference], [change(expected)[i]]), `weight ${i}`).toBeLessThan(1e-5);
  }
});
