import { DataError, UsageError } from '../../errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import { evaluationGraph } from '../../ort/evaluation.ts';
import { encodeModel } from '../../ort/onnx.ts';
import { type Parameter, parametersOf, turned } from '../../ort/parameters.ts';
import { Session, type Tensor } from '../../ort/session.ts';
import { KINDS, newName, stateName, type Unit } from '../../ort/state.ts';
import {
  accumulatedStepGraph,
  FROZEN,
  type StepGraph,
  type StepOptions,
  stepGraph,
  stepsGraph,
} from '../../ort/training-step.ts';
import type { AdamOptions } from '../adamw.ts';
import type { TrainingArguments } from '../arguments.ts';
import type { Evaluation, Step, StepResult, TrainingBackend } from '../backend.ts';
import { MOMENTS } from '../checkpoint-names.ts';
import { adamScalars } from './adam-scalars.ts';
import { DropoutMasks } from './dropout-masks.ts';
import type { EncodedRows } from './encode-rows.ts';
import { longest, paddedBatch } from './padded-batch.ts';
import { type TargetOptions, totalWeight } from './targets.ts';

export type FullOptions = AdamOptions &
  Pick<
    TrainingArguments,
    | 'per_device_train_batch_size'
    | 'gradient_accumulation_steps'
    | 'per_device_eval_batch_size'
    | 'label_smoothing_factor'
    | 'seed'
  > & {
    /** With the head that is trained; a float DistilBERT. */
    config: ModelConfig;
    /** Where training starts: every tensor of the model, by canonical name, as Hugging Face lays it. */
    weights: ReadonlyMap<string, Float32Array>;
    train: EncodedRows;
    evaluation?: EncodedRows;
    trained: StepOptions['trained'];
    dropout: StepOptions['dropout'];
    classWeights?: Float32Array;
    device: 'cpu' | 'cuda';
    /** Most steps of one run, as memory.ts has it; default 1. */
    stepsAtOnce?: number;
    /** Whether CUDA may round the operands of products to TF32; default true, as CUDA has it. */
    tf32?: boolean;
    /** Of each session; default as many as there are cores. */
    threads?: number;
    /** A build of the kernels, which draw the masks of dropout. */
    module: WebAssembly.Module;
  };

/** Suffixes of the state's parts in a checkpoint. Adam's moments are without their factors 1 - β, as ort/adamw.ts keeps them. */
const SUFFIX = { weight: '', ...(Object.fromEntries(MOMENTS) as Record<'mean' | 'square', string>) };

/** A whole model that trains in ONNX Runtime. */
export class FullBackend implements TrainingBackend {
  readonly stepsAtOnce: number;
  readonly #options: FullOptions;
  readonly #graph: StepGraph;
  readonly #training: Session;
  readonly #evaluation: Session;
  readonly #masks: DropoutMasks;
  readonly #targets: TargetOptions & { task: 'sequence' | 'token' };

  private constructor(options: FullOptions, graph: StepGraph, training: Session, evaluation: Session) {
    const { config, label_smoothing_factor: smoothing, classWeights } = options;
    this.stepsAtOnce = stepsAtOnce(options);
    this.#options = options;
    this.#graph = graph;
    this.#training = training;
    this.#evaluation = evaluation;
    this.#masks = new DropoutMasks(options.module, graph.masks, options.seed);
    const task = config.head === 'token' ? 'token' : 'sequence';
    this.#targets = { task, labels: config.labels.length, classWeights, smoothing };
  }

  /** @throws UsageError where onnxruntime-node or the device can't be had */
  static async create(options: FullOptions): Promise<FullBackend> {
    const { config, device, threads, tf32, trained, dropout, weights } = options;
    const step: StepOptions = {
      trained,
      dropout,
      beta1: options.adam_beta1,
      beta2: options.adam_beta2,
      maxGradNorm: options.max_grad_norm,
    };
    const graph = graphFor(options)(config, step);
    const moving = new Set(graph.units.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
    const frozen = parametersOf(config).filter(({ name }) => !moving.has(name));
    const externalData = frozen.length > 0 ? [{ path: FROZEN, data: frozenBytes(config, moving, weights) }] : [];
    const training = await Session.create(encodeModel(graph.graph), { device, threads, tf32, externalData });
    const evaluation = await Session.create(encodeModel(evaluationGraph(config)), { device, threads, tf32 }).catch(
      async (error) => {
        await training.dispose();
        throw error;
      },
    );
    const backend = new FullBackend(options, graph, training, evaluation);
    await backend.#start(frozen, weights).catch(async (error) => {
      await backend.close();
      throw error;
    });
    return backend;
  }

  async #start(frozen: readonly Parameter[], weights: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const { name, shape, ...parameter } of frozen) {
      const data = inGraph({ name, shape, ...parameter }, weights.get(name) as Float32Array);
      await this.#evaluation.write(name, { type: 'float32', shape, data });
    }
    const zeros = [...weights].flatMap(([name, { length }]) =>
      [SUFFIX.mean, SUFFIX.square].map((suffix) => [name + suffix, new Float32Array(length)] as const),
    );
    await this.restore(new Map([...weights, ...zeros]));
  }

  async steps(steps: readonly Step[]): Promise<StepResult[]> {
    const state = new Map(
      this.#graph.units.flatMap((unit) => KINDS.map((kind) => [stateName(kind, unit), newName(kind, unit)] as const)),
    );
    const { loss, gradNorm } = await this.#training.run(this.#feeds(steps), ['loss', 'gradNorm'], state);
    return steps.map(({ step }, i) => {
      const result = { loss: Number(loss.data[i]), gradNorm: Number(gradNorm.data[i]) };
      checkFinite(result.loss, 'loss', `training: step ${step}`);
      checkFinite(result.gradNorm, 'gradient', `training: step ${step}`);
      return result;
    });
  }

  /** Rows of about the same length go together; the logits are in the order of the rows. */
  async evaluate(): Promise<Evaluation> {
    const { evaluation: set, config, per_device_eval_batch_size: batch } = this.#options;
    if (!set) throw new UsageError('evaluate: expected an evaluation set, got none');
    await this.#copyWeights();
    const { task, labels: L } = this.#targets;
    const rows = set.readings.map((_, row) => row);
    const total = totalWeight(set, rows, this.#targets);
    const byLength = rows.slice().sort((a, b) => set.readings[a].ids.length - set.readings[b].ids.length || a - b);
    const logits = new Float32Array(set.words.length * L);
    let loss = 0;
    for (let from = 0; from < byLength.length; from += batch) {
      const chosen = byLength.slice(from, from + batch);
      const { S, feeds } = paddedBatch(set, chosen, { ...this.#targets, total });
      const { isFirst: _, ...needed } = feeds; // for gradients alone
      const result = await this.#evaluation.run(needed, ['loss', 'logits']);
      loss += Number(result.loss.data[0]);
      const values = result.logits.data as Float32Array;
      for (const [b, row] of chosen.entries()) {
        const tokens = set.readings[row].firsts?.filter((token) => token >= 0) ?? [0];
        tokens.forEach((token, i) => {
          const at = (task === 'token' ? b * S + token : b) * L;
          logits.set(values.subarray(at, at + L), (set.starts[row] + i) * L);
        });
      }
    }
    checkFinite(loss, 'loss', `evaluation of ${config.labels.length} labels`);
    return { loss, logits };
  }

  async state(): Promise<Map<string, Float32Array>> {
    const state = new Map<string, Float32Array>();
    for (const kind of KINDS) {
      for (const unit of this.#graph.units) {
        const tensor = await this.#training.read(stateName(kind, unit));
        let at = 0;
        for (const parameter of unit.parameters) {
          const values = (tensor.data as Float32Array).subarray(at, at + length(parameter));
          state.set(parameter.name + SUFFIX[kind], fromGraph(parameter, values));
          at += values.length;
        }
      }
    }
    return state;
  }

  async restore(state: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const kind of KINDS) {
      for (const unit of this.#graph.units)
        await this.#training.write(stateName(kind, unit), this.#joined(kind, unit, state));
    }
  }

  /** Ends the sessions' threads. */
  async close(): Promise<void> {
    await this.#training.dispose();
    await this.#evaluation.dispose();
  }

  #joined(kind: (typeof KINDS)[number], unit: Unit, state: ReadonlyMap<string, Float32Array>): Tensor {
    const data = new Float32Array(unit.parameters.reduce((sum, parameter) => sum + length(parameter), 0));
    let at = 0;
    for (const parameter of unit.parameters) {
      const name = parameter.name + SUFFIX[kind];
      const values = state.get(name);
      if (values?.length !== length(parameter)) {
        throw new DataError(`${name}: expected ${length(parameter)} values, got ${values?.length ?? 'none'}`);
      }
      data.set(inGraph(parameter, values), at);
      at += values.length;
    }
    return { type: 'float32', shape: unit.shape, data };
  }

  async #copyWeights(): Promise<void> {
    for (const unit of this.#graph.units) {
      const { data } = await this.#training.read(stateName('weight', unit));
      let at = 0;
      for (const { name, shape, ...rest } of unit.parameters) {
        const values = (data as Float32Array).slice(at, at + length({ name, shape, ...rest }));
        at += values.length;
        await this.#evaluation.write(name, { type: 'float32', shape, data: values });
      }
    }
  }

  /** Of several steps at once everything has the steps in front, and of several batches all but Adam's scalars the batches. */
  #feeds(steps: readonly Step[]): Record<string, Tensor> {
    const { per_device_train_batch_size: size, gradient_accumulation_steps: A } = this.#options;
    const scalars = steps.map(({ rows, step, learningRate }) =>
      // Without a labelled vector no weight moves; torch's mean over none is NaN, and its AdamW would still decay them.
      adamScalars(this.#options, step, this.#total(rows) > 0 ? learningRate : 0),
    );
    if (A > 1) {
      const [{ rows, step }] = steps;
      const batches = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => ({
        rows: rows.slice(i * size, (i + 1) * size),
        total: this.#total(rows),
        // As many draws as there are batches, each of its own.
        draw: (step - 1) * A + i + 1,
      }));
      return { ...stack(this.#batches(batches)), ...scalars[0] };
    }
    const batches = steps.map(({ rows, step }) => ({ rows, total: this.#total(rows), draw: step }));
    const feeds = this.#batches(batches).map((batch, k) => ({ ...batch, ...scalars[k] }));
    return this.stepsAtOnce === 1 ? feeds[0] : stack(feeds);
  }

  /** Padded to one size, with the masks of their dropout. */
  #batches(batches: readonly { rows: readonly number[]; total: number; draw: number }[]): Record<string, Tensor>[] {
    const { train } = this.#options;
    const B = Math.max(...batches.map(({ rows }) => rows.length));
    const S = Math.max(...batches.map(({ rows }) => longest(train, rows)));
    return batches.map(({ rows, total, draw }) => {
      const batch = paddedBatch(train, rows, { ...this.#targets, B, S, total: total || 1 });
      return { ...batch.feeds, ...this.#masks.draw(draw, batch) };
    });
  }

  #total(rows: readonly number[]): number {
    return totalWeight(this.#options.train, rows, this.#targets);
  }
}

/** Where batches are accumulated, state crosses a bus once in so many of them. */
function stepsAtOnce({ gradient_accumulation_steps: A, stepsAtOnce = 1 }: FullOptions): number {
  return A > 1 ? 1 : stepsAtOnce;
}

function graphFor(options: FullOptions): typeof stepGraph {
  if (options.gradient_accumulation_steps > 1) return accumulatedStepGraph;
  return stepsAtOnce(options) > 1 ? stepsGraph : stepGraph;
}

/** Tensors of one shape, one for each step, with the steps in front. */
function stack(feeds: readonly Record<string, Tensor>[]): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds[0]).map(([name, { type, shape, data }]) => {
      const each = data.length;
      const all = new (data.constructor as new (length: number) => typeof data)(each * feeds.length);
      // biome-ignore lint/suspicious/noExplicitAny: both are of one type
      for (const [k, feed] of feeds.entries()) (all as any).set(feed[name].data, k * each);
      return [name, { type, shape: [feeds.length, ...shape], data: all }];
    }),
  );
}

function length({ shape }: Parameter): number {
  return shape.reduce((a, b) => a * b, 1);
}

function inGraph({ shape, transposed }: Parameter, values: Float32Array): Float32Array {
  return transposed ? turned(values, shape[1], shape[0]) : values.slice();
}

function fromGraph({ shape, transposed }: Parameter, values: Float32Array): Float32Array {
  return transposed ? turned(values, shape[0], shape[1]) : values.slice();
}

/** What {@link FROZEN} holds: the parameters that do not move, as the graph has them. */
export function frozenBytes(
  config: ModelConfig,
  moving: ReadonlySet<string>,
  weights: ReadonlyMap<string, Float32Array>,
): Uint8Array {
  const parameters = parametersOf(config).filter(({ name }) => !moving.has(name));
  const all = new Float32Array(parameters.reduce((sum, parameter) => sum + length(parameter), 0));
  let at = 0;
  for (const parameter of parameters) {
    all.set(inGraph(parameter, weights.get(parameter.name) as Float32Array), at);
    at += length(parameter);
  }
  return new Uint8Array(all.buffer);
}

function checkFinite(value: number, what: string, where: string): void {
  if (Number.isFinite(value)) return;
  throw new DataError(`${where}: expected a finite ${what}, got ${value} (a lower learning_rate may help)`);
}
