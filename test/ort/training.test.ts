import { describe, expect, test } from 'vitest';
import { encodeModel } from '../../src/ort/onnx.ts';
import { parametersOf, turned } from '../../src/ort/parameters.ts';
import { Session } from '../../src/ort/session.ts';
import { KINDS, newName, stateName } from '../../src/ort/state.ts';
import { FROZEN, gradientGraph, type StepOptions, stepGraph } from '../../src/ort/training-step.ts';
import type { AdamOptions } from '../../src/train/adamw.ts';
import { adamScalars } from '../../src/train/full/adam-scalars.ts';
import { FullBackend, type FullOptions } from '../../src/train/full/full-backend.ts';
import { paddedBatch } from '../../src/train/full/padded-batch.ts';
import { binaries } from '../fixtures/kernels.ts';
import { configOf, DROPOUT, type Golden, goldens, kept, logitsOf, relative, rowsOf, tensorsOf } from './golden.ts';

/* The training graphs against transformers' DistilBERT and torch's AdamW (golden/ort/training.py). */

/** Relative; of tensors, L2. The worst of all cases: 9.9e-7, 4.8e-6, 1.1e-7 and 1.3e-4. */
const GATES = { loss: 2e-6, gradient: 1e-5, weights: 1e-6, change: 5e-4 };

const NONE = { embeddings: 0, attention: 0, ffn: 0, head: 0 };
const ADAM: AdamOptions = {
  weight_decay: 0.01,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  max_grad_norm: 1,
};
const module = await binaries.load('base');

async function backend(golden: Golden, changed: Partial<FullOptions> = {}): Promise<FullBackend> {
  const { set } = rowsOf(golden);
  return FullBackend.create({
    ...ADAM,
    config: configOf(golden),
    weights: tensorsOf(golden, 'initial'),
    train: set,
    evaluation: set,
    trained: golden.trained ?? 'full',
    dropout: NONE,
    classWeights: golden.classWeights && Float32Array.from(golden.classWeights),
    label_smoothing_factor: golden.smoothing ?? 0,
    per_device_train_batch_size: 8,
    gradient_accumulation_steps: 1,
    per_device_eval_batch_size: 7,
    seed: 1,
    device: 'cpu',
    module,
    ...changed,
  });
}

function expectTrained(
  golden: Golden,
  results: { loss: number; gradNorm: number }[],
  state: ReadonlyMap<string, Float32Array>,
) {
  for (const [i, { loss, gradNorm }] of results.entries()) {
    expect(Math.abs(loss / golden.losses[i] - 1), `loss of step ${i + 1}`).toBeLessThan(GATES.loss);
    expect(Math.abs(gradNorm / golden.norms[i] - 1), `norm of step ${i + 1}`).toBeLessThan(GATES.gradient);
  }
  const initial = tensorsOf(golden, 'initial');
  for (const [name, final] of tensorsOf(golden, 'final')) {
    const [before, after] = [initial.get(name) as Float32Array, state.get(name) as Float32Array];
    const change = (to: Float32Array) => to.map((value, i) => value - before[i]);
    if (hasNoGradient(name)) {
      // Adam makes steps of up to the learning rate of what is rounding on either side.
      const most = golden.rates.reduce((a, b) => a + b) * 1.01;
      expect(Math.max(...change(after).map(Math.abs)), name).toBeLessThan(most);
      continue;
    }
    expect(relative(after, final), name).toBeLessThan(GATES.weights);
    expect(relative(change(after), change(final)), `change of ${name}`).toBeLessThan(GATES.change);
  }
}

describe.each(goldens.filter(({ dropout }) => !dropout))('$name', (golden) => {
  test.each([1, 6])('20 steps, %i at once', async (stepsAtOnce) => {
    const trained = await backend(golden, { stepsAtOnce });
    const steps = rowsOf(golden).steps.map((rows, i) => ({ rows, step: i + 1, learningRate: golden.rates[i] }));
    const results = [];
    for (let i = 0; i < steps.length; i += stepsAtOnce)
      results.push(...(await trained.steps(steps.slice(i, i + stepsAtOnce))));
    expectTrained(golden, results, await trained.state());
    await trained.close();
  });

  test('20 steps, each of batches of 2 rows whose gradients are added up', async () => {
    const trained = await backend(golden, { per_device_train_batch_size: 2, gradient_accumulation_steps: 3 });
    const results = [];
    for (const [i, rows] of rowsOf(golden).steps.entries()) {
      results.push(...(await trained.steps([{ rows, step: i + 1, learningRate: golden.rates[i] }])));
    }
    expectTrained(golden, results, await trained.state());
    await trained.close();
  });

  test('without clipping, the same bits one step at a time, whose state is written in place, and in a Scan', async () => {
    const states = [];
    for (const stepsAtOnce of [1, 5]) {
      const trained = await backend(golden, { stepsAtOnce, max_grad_norm: 0, adam_epsilon: 1e-3 });
      // Of one size: a longer batch would have other sums.
      const rows = rowsOf(golden).steps[4];
      const steps = Array.from({ length: 5 }, (_, i) => ({ rows, step: i + 1, learningRate: 1e-3 }));
      for (let i = 0; i < steps.length; i += stepsAtOnce) await trained.steps(steps.slice(i, i + stepsAtOnce));
      states.push(await trained.state());
      await trained.close();
    }
    const [one, five] = states;
    for (const [name, values] of one) {
      // Not toEqual of all: to tell how they differ takes it minutes.
      expect(
        five.get(name)?.findIndex((value, i) => !Object.is(value, values[i])),
        name,
      ).toBe(-1);
    }
  });

  test('logits', async () => {
    const untrained = await backend(golden);
    const { logits } = await untrained.evaluate();
    expect(relative(logits, logitsOf(golden))).toBeLessThan(1e-6);
    await untrained.close();
  });

  test('the loss of an evaluation, in batches of some rows, is that of all of them', async () => {
    const { set: evaluation } = rowsOf({ ...golden, batches: golden.batches.slice(0, 1) });
    const untrained = await backend(golden, { evaluation, per_device_eval_batch_size: 3 });
    const { loss } = await untrained.evaluate();
    expect(Math.abs(loss / golden.losses[0] - 1)).toBeLessThan(GATES.loss);
    await untrained.close();
  });
});

describe('dropout', () => {
  const [golden] = goldens;
  const [rows] = rowsOf(golden).steps;
  const lossOf = async (made: FullBackend, step: number, of: readonly number[] = rows) =>
    (await made.steps([{ rows: of, step, learningRate: 0 }]))[0].loss;

  test.each(['embeddings', 'attention', 'ffn', 'head'] as const)(
    'of %s alone: another in each step, and in each of the batches of a step',
    async (site) => {
      const dropout = { ...NONE, [site]: 0.5 };
      const made = await backend(golden, { dropout });
      const [first, second, again] = [await lossOf(made, 1), await lossOf(made, 2), await lossOf(made, 1)];
      await made.close();
      expect(first).toBe(again);
      expect(new Set([golden.losses[0], first, second]).size).toBe(3);
      const size = rows.length;
      const sizes = { per_device_train_batch_size: size, gradient_accumulation_steps: 2 };
      const accumulating = await backend(golden, { dropout, ...sizes });
      expect(await lossOf(accumulating, 1, [...rows, ...rows])).toBeCloseTo((first + second) / 2, 5);
      await accumulating.close();
    },
  );
});

test('where no word of a step has a label, nothing moves', async () => {
  const golden = goldens.find(({ task, trained }) => task === 'token' && trained !== 'head') as Golden;
  const unlabelled = golden.batches[0].map((row) => ({ ...row, labels: row.ids.map(() => -1) }));
  const { set: train, steps } = rowsOf({ ...golden, batches: [unlabelled] });
  const made = await backend(golden, { train });
  const before = await made.state();
  const [{ loss }] = await made.steps([{ rows: steps[0], step: 1, learningRate: 0.1 }]);
  expect(loss).toBe(0);
  const after = await made.state();
  const moved = [...before].filter(([name, values]) => values.some((value, i) => value !== after.get(name)?.[i]));
  expect(moved.map(([name]) => name)).toEqual([]);
  await made.close();
});

/** The graph itself, without what feeds it in a training: its inputs, its gradients, given masks of dropout. */
describe.each(goldens)('graph of $name', (golden) => {
  const config = configOf(golden);
  const options: StepOptions = {
    trained: golden.trained ?? 'full',
    dropout: golden.dropout ? DROPOUT : NONE,
    beta1: ADAM.adam_beta1,
    beta2: ADAM.adam_beta2,
    maxGradNorm: ADAM.max_grad_norm,
  };
  const parameters = new Map(parametersOf(config).map((parameter) => [parameter.name, parameter]));
  const initial = tensorsOf(golden, 'initial');
  const { set, steps } = rowsOf(golden);

  const inGraph = (name: string, values: Float32Array) => {
    const { transposed, shape } = parameters.get(name) as { transposed: boolean; shape: readonly number[] };
    return transposed ? turned(values, shape[1], shape[0]) : values;
  };

  async function session(graph: ReturnType<typeof stepGraph>, moments: boolean): Promise<Session> {
    const frozen = [...parameters.keys()].filter((name) => !graph.units.some((unit) => unit.name === name));
    const data = Float32Array.from(
      frozen.flatMap((name) => Array.from(inGraph(name, initial.get(name) as Float32Array))),
    );
    const externalData = frozen.length > 0 ? [{ path: FROZEN, data: new Uint8Array(data.buffer) }] : [];
    const made = await Session.create(encodeModel(graph.graph), { device: 'cpu', threads: 1, externalData });
    for (const unit of graph.units) {
      for (const kind of moments ? KINDS : (['weight'] as const)) {
        const values = inGraph(unit.name, initial.get(unit.name) as Float32Array);
        const data = kind === 'weight' ? values : new Float32Array(values.length);
        await made.write(stateName(kind, unit), { type: 'float32', shape: unit.shape, data });
      }
    }
    return made;
  }

  function feeds(graph: ReturnType<typeof stepGraph>, step: number) {
    const targets = {
      task: golden.task,
      labels: golden.L,
      classWeights: golden.classWeights && Float32Array.from(golden.classWeights),
      smoothing: golden.smoothing ?? 0,
    };
    const { B, S, feeds } = paddedBatch(set, steps[step - 1], targets);
    const masks = graph.masks.map(({ name, shape, p }, site) => {
      const known = shape.map((dim) => (dim === 'B' ? B : dim === 'S' ? S : Number(dim)));
      return [name, { type: 'uint8', shape: known, data: kept(step, site, known, p) }] as const;
    });
    return { ...feeds, ...Object.fromEntries(masks) };
  }

  test('every gradient by name', async () => {
    const graph = gradientGraph(config, options);
    const made = await session(graph, false);
    const expected = tensorsOf(golden, 'gradient');
    const outputs = [...expected.keys()].map((name) => `gradient:${name}`);
    const result = await made.run(feeds(graph, 1), [...outputs, 'loss', 'gradNorm']);
    expect(Math.abs(Number(result.loss.data[0]) / golden.losses[0] - 1)).toBeLessThan(GATES.loss);
    const largest = Math.max(...[...expected.values()].map(norm));
    for (const [name, gradient] of expected) {
      const { data } = result[`gradient:${name}`];
      const got = data as Float32Array;
      if (hasNoGradient(name)) {
        expect(norm(got) / largest, name).toBeLessThan(1e-6);
        continue;
      }
      expect(relative(got, inGraph(name, gradient)), name).toBeLessThan(GATES.gradient);
    }
    await made.dispose();
  });

  test('20 steps', async () => {
    const graph = stepGraph(config, options);
    const made = await session(graph, true);
    const state = new Map(
      graph.units.flatMap((unit) => KINDS.map((kind) => [stateName(kind, unit), newName(kind, unit)])),
    );
    const results = [];
    for (let step = 1; step <= steps.length; step++) {
      const scalars = adamScalars(ADAM, step, golden.rates[step - 1]);
      const { loss, gradNorm } = await made.run({ ...feeds(graph, step), ...scalars }, ['loss', 'gradNorm'], state);
      results.push({ loss: Number(loss.data[0]), gradNorm: Number(gradNorm.data[0]) });
    }
    const weights = new Map<string, Float32Array>();
    for (const unit of graph.units) {
      const values = (await made.read(stateName('weight', unit))).data as Float32Array;
      weights.set(unit.name, unit.parameters[0].transposed ? turned(values, unit.shape[0], unit.shape[1]) : values);
    }
    expectTrained(golden, results, weights);
    await made.dispose();
  });
});

/** The softmax does not see a constant that is added to all scores of a row, as the bias of the keys is: its gradient is 0. */
function hasNoGradient(name: string): boolean {
  return name.endsWith('k_lin.bias');
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
