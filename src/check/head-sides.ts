import { UsageError } from '../errors.ts';
import type { Head } from '../model/head.ts';
import { headStepGraph } from '../ort/head-step.ts';
import { encodeModel } from '../ort/onnx.ts';
import { turned } from '../ort/parameters.ts';
import { Session, type Tensor } from '../ort/session.ts';
import { KINDS, newName, stateName } from '../ort/state.ts';
import type { AdamOptions } from '../train/adamw.ts';
import type { FeatureSet } from '../train/features.ts';
import { adamScalars } from '../train/full/adam-scalars.ts';
import { writeTarget } from '../train/full/targets.ts';
import { HeadBackend } from '../train/head-backend.ts';

/** One of two paths that train a head, on vectors of one set. */
export interface HeadSide {
  /** Of the vectors of these rows, ahead of any step: by tensor name, as Hugging Face lays it. */
  gradients(rows: readonly number[]): Promise<ReadonlyMap<string, Float32Array>>;
  /** One step of AdamW; gives the loss. Steps count from 1. */
  step(rows: readonly number[], step: number, learningRate: number): Promise<number>;
  weights(): Promise<ReadonlyMap<string, Float32Array>>;
  close(): Promise<void>;
}

/** The WASM head. */
export function engineHeadSide(
  module: WebAssembly.Module,
  head: Head,
  set: FeatureSet,
  adam: AdamOptions,
  batch: number,
): HeadSide {
  const backend = new HeadBackend(module, head, set, undefined, {
    ...adam,
    per_device_train_batch_size: batch,
    gradient_accumulation_steps: 1,
    per_device_eval_batch_size: batch,
    label_smoothing_factor: 0,
    dropout: 0,
    seed: 0,
  });
  return {
    gradients: async (rows) => backend.gradients(rows, 1).gradients,
    step: async (rows, step, learningRate) => backend.step(rows, step, learningRate).loss,
    weights: async () => backend.state(),
    async close() {},
  };
}

/** The same head as a graph. */
export async function graphHeadSide(head: Head, set: FeatureSet, adam: AdamOptions): Promise<HeadSide> {
  const options = { beta1: adam.adam_beta1, beta2: adam.adam_beta2, maxGradNorm: adam.max_grad_norm };
  const { graph, units } = headStepGraph(head.config, options);
  const session = await Session.create(encodeModel(graph), { device: 'cpu' });
  const shaped = (unit: (typeof units)[number], values: Float32Array) =>
    unit.parameters[0].transposed ? turned(values, unit.shape[1], unit.shape[0]) : values;
  const back = (unit: (typeof units)[number], values: Float32Array) =>
    unit.parameters[0].transposed ? turned(values, unit.shape[0], unit.shape[1]) : values;
  for (const unit of units) {
    const values = head.tensors.get(unit.name) as Float32Array;
    for (const kind of KINDS) {
      const data = kind === 'weight' ? shaped(unit, values) : new Float32Array(values.length);
      await session.write(stateName(kind, unit), { type: 'float32', shape: unit.shape, data });
    }
  }
  const state = new Map(units.flatMap((unit) => KINDS.map((kind) => [stateName(kind, unit), newName(kind, unit)])));
  return {
    async gradients(rows) {
      const names = units.map(({ name }) => `gradient:${name}`);
      const results = await session.run({ ...vectors(set, rows, head), ...adamScalars(adam, 1, 0) }, names);
      return new Map(
        units.map((unit) => [unit.name, back(unit, results[`gradient:${unit.name}`].data as Float32Array)]),
      );
    },
    async step(rows, step, learningRate) {
      const feeds = { ...vectors(set, rows, head), ...adamScalars(adam, step, learningRate) };
      return Number((await session.run(feeds, ['loss'], state)).loss.data[0]);
    },
    async weights() {
      const weights = new Map<string, Float32Array>();
      for (const unit of units) {
        weights.set(unit.name, back(unit, (await session.read(stateName('weight', unit))).data as Float32Array));
      }
      return weights;
    },
    close: () => session.dispose(),
  };
}

/** Features of the rows' vectors, and what their softmax should be. */
function vectors(
  { features, starts, targets }: FeatureSet,
  rows: readonly number[],
  { config }: Head,
): Record<string, Tensor> {
  const { width: P, labels } = config;
  const L = labels.length;
  const chosen = rows.flatMap((row) =>
    Array.from({ length: starts[row + 1] - starts[row] }, (_, i) => starts[row] + i),
  );
  if (chosen.length === 0) throw new UsageError('rows: expected vectors, got none');
  const several = targets instanceof Float32Array;
  const width = several ? 2 * L : L;
  const into = new Float32Array(chosen.length * width);
  const x = new Float32Array(chosen.length * P);
  const total = several ? chosen.length * L : chosen.length;
  for (const [i, vector] of chosen.entries()) {
    features.read(vector, vector + 1, x.subarray(i * P, (i + 1) * P));
    writeTarget(into.subarray(i * width, (i + 1) * width), { targets }, vector, total, { labels: L, smoothing: 0 });
  }
  const M = chosen.length;
  return {
    features: { type: 'float32', shape: [M, P], data: x },
    targets: { type: 'float32', shape: several ? [M, L, 2] : [M, L], data: into },
  };
}
