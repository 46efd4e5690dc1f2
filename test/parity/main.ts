// npm run parity
// Twenty steps of AdamW at 16 x 64 from one start, MiniLM's weights, by torch and transformers and by our graphs in ONNX Runtime: sequence and
// token heads, all parameters and the head alone, one step at a time and ten in a Scan. Exit code 1 where a gate breaks.
import { encodeModel } from '../../src/ort/onnx.ts';
import { turned } from '../../src/ort/parameters.ts';
import { Session } from '../../src/ort/session.ts';
import { stateName } from '../../src/ort/state.ts';
import { FROZEN, gradientGraph, type StepOptions } from '../../src/ort/training-step.ts';
import type { AdamOptions } from '../../src/train/adamw.ts';
import { FullBackend, frozenBytes } from '../../src/train/full/full-backend.ts';
import { paddedBatch } from '../../src/train/full/padded-batch.ts';
import { binaries } from '../fixtures/kernels.ts';
import { configOf, encoded, prepare, reference, type Task, type Trained, tensors } from './files.ts';

const GATES = { loss: 2e-6, gradient: 1e-5, weights: 1e-6, change: 5e-4 };
const B = 16;
const NONE = { embeddings: 0, attention: 0, ffn: 0, head: 0 };
const ADAM: AdamOptions = {
  weight_decay: 0.01,
  adam_beta1: 0.9,
  adam_beta2: 0.999,
  adam_epsilon: 1e-8,
  max_grad_norm: 1,
};

type Figures = Record<keyof typeof GATES, number>;

prepare();
const module = await binaries.load('base');
let broken = 0;
console.log('| trained | steps at once | loss | gradient, worst tensor | weights | change |');
console.log('| --- | --: | --: | --: | --: | --: |');
console.log(
  `| gate | | ${Object.values(GATES)
    .map((gate) => gate.toExponential(0))
    .join(' | ')} |`,
);
for (const task of ['sequence', 'token'] as const) {
  for (const trained of ['full', 'head'] as const) {
    const [gradient, worst] = await firstGradient(task, trained);
    for (const stepsAtOnce of [1, 10]) {
      const figures: Figures = { ...(await training(task, trained, stepsAtOnce)), gradient };
      for (const [name, gate] of Object.entries(GATES)) if (!(figures[name as keyof Figures] < gate)) broken++;
      const [loss, g, weights, change] = (['loss', 'gradient', 'weights', 'change'] as const).map((name) =>
        figures[name].toExponential(1),
      );
      console.log(`| ${task}, ${trained} | ${stepsAtOnce} | ${loss} | ${g} ${worst} | ${weights} | ${change} |`);
    }
  }
}
if (broken > 0) {
  console.error(`parity: expected all gates to hold, got ${broken} broken`);
  process.exitCode = 1;
}

async function training(task: Task, trained: Trained, stepsAtOnce: number): Promise<Omit<Figures, 'gradient'>> {
  const golden = reference(task, trained);
  const initial = tensors(task);
  const backend = await FullBackend.create({
    ...ADAM,
    config: configOf(task),
    weights: initial,
    train: encoded(task, golden),
    trained,
    dropout: NONE,
    label_smoothing_factor: 0,
    per_device_train_batch_size: B,
    gradient_accumulation_steps: 1,
    per_device_eval_batch_size: B,
    seed: 1,
    device: 'cpu',
    stepsAtOnce,
    module,
  });
  let loss = 0;
  for (let first = 0; first < golden.rates.length; first += stepsAtOnce) {
    const steps = golden.rates.slice(first, first + stepsAtOnce).map((learningRate, i) => ({
      rows: Array.from({ length: B }, (_, b) => (first + i) * B + b),
      step: first + i + 1,
      learningRate,
    }));
    for (const [i, result] of (await backend.steps(steps)).entries()) {
      loss = Math.max(loss, Math.abs(result.loss / golden.losses[first + i] - 1));
    }
  }
  const state = await backend.state();
  await backend.close();
  const final = tensors(`${task}-${trained}-final`);
  const pairs = [...final].filter(([name]) => !hasNoGradient(name));
  const after = pairs.map(([name, values]) => [state.get(name) as Float32Array, values] as const);
  const change = pairs.map(([name, values]) => {
    const before = initial.get(name) as Float32Array;
    const minus = (from: Float32Array) => from.map((value, i) => value - before[i]);
    return [minus(state.get(name) as Float32Array), minus(values)] as const;
  });
  return { loss, weights: relative(after), change: relative(change) };
}

async function firstGradient(task: Task, trained: Trained): Promise<[worst: number, name: string]> {
  const config = configOf(task);
  const options: StepOptions = { trained, dropout: NONE, beta1: 0.9, beta2: 0.999, maxGradNorm: 1 };
  const { graph, units } = gradientGraph(config, options);
  const initial = tensors(task);
  const moving = new Set(units.map(({ name }) => name));
  const data = frozenBytes(config, moving, initial);
  const externalData = data.length > 0 ? [{ path: FROZEN, data }] : [];
  const session = await Session.create(encodeModel(graph), { device: 'cpu', externalData });
  for (const unit of units) {
    const values = initial.get(unit.name) as Float32Array;
    const { shape } = unit;
    const data = unit.parameters[0].transposed ? turned(values, shape[1], shape[0]) : values;
    await session.write(stateName('weight', unit), { type: 'float32', shape, data });
  }
  const set = encoded(task, reference(task, trained));
  const rows = Array.from({ length: B }, (_, b) => b);
  const { feeds } = paddedBatch(set, rows, { task, labels: config.labels.length, smoothing: 0 });
  const result = await session.run(
    feeds,
    units.map(({ name }) => `gradient:${name}`),
  );
  await session.dispose();
  const expected = tensors(`${task}-${trained}-gradient`);
  let worst: [number, string] = [0, ''];
  for (const { name, shape, parameters } of units) {
    if (hasNoGradient(name)) continue;
    const values = result[`gradient:${name}`].data as Float32Array;
    const got = parameters[0].transposed ? turned(values, shape[0], shape[1]) : values;
    const error = relative([[got, expected.get(name) as Float32Array]]);
    if (error > worst[0]) worst = [error, name];
  }
  return worst;
}

/** The softmax does not see a constant that is added to all scores of a row: both sides have rounding for the gradient. */
function hasNoGradient(name: string): boolean {
  return name.endsWith('k_lin.bias');
}

/** |actual - expected| / |expected| of all together. */
function relative(pairs: readonly (readonly [Float32Array, Float32Array])[]): number {
  let [difference, norm] = [0, 0];
  for (const [actual, expected] of pairs) {
    for (let i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) ** 2;
      norm += expected[i] ** 2;
    }
  }
  return Math.sqrt(difference / norm);
}
