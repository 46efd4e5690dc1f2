import { instantiate } from '../engine/kernels.ts';
import { allocateMemory, wholePages } from '../engine/memory.ts';
import { DataError, UsageError } from '../errors.ts';
import type { Head } from '../model/head.ts';
import { type AdamOptions, adamFactors } from './adamw.ts';
import { rowsOfStep, type TrainingArguments } from './arguments.ts';
import type { Evaluation, Step, StepResult, TrainingBackend } from './backend.ts';
import { MOMENTS } from './checkpoint-names.ts';
import { checkFeatureSet, longestBatch, longestPiece, targetsOf } from './feature-set.ts';
import type { FeatureSet } from './features.ts';
import { planHeadMemory } from './head-memory.ts';
import { HeadNetwork } from './head-network.ts';
import { HeadParameters } from './head-parameters.ts';

export type HeadBackendOptions = AdamOptions &
  Pick<
    TrainingArguments,
    | 'per_device_train_batch_size'
    | 'gradient_accumulation_steps'
    | 'per_device_eval_batch_size'
    | 'label_smoothing_factor'
    | 'dropout'
    | 'seed'
  > & {
    /** f32 [L]: how much a label's vectors count. This and smoothing are for vectors of one label each. */
    classWeights?: Float32Array;
  };

/** What a step would follow, row-major by tensor name, before clipping. */
export interface Gradients extends StepResult {
  gradients: Map<string, Float32Array>;
}

/**
 * A head that trains in WASM, in a memory of its own; both builds of the kernels give the same bits. Its batches are small enough to be taken
 * together where gradients are accumulated.
 */
export class HeadBackend implements TrainingBackend {
  readonly stepsAtOnce = 1;
  readonly #parameters: HeadParameters;
  readonly #network: HeadNetwork;
  readonly #labels: number;
  readonly #train: FeatureSet;
  readonly #evaluation: FeatureSet | undefined;
  readonly #options: HeadBackendOptions;

  /**
   * @param module a build of the kernels
   * @param head where training starts
   * @throws DataError where a feature set does not fit the head, or its largest batch WebAssembly's memory
   */
  constructor(
    module: WebAssembly.Module,
    head: Head,
    train: FeatureSet,
    evaluation: FeatureSet | undefined,
    options: HeadBackendOptions,
  ) {
    const { config } = head;
    const { label_smoothing_factor: labelSmoothing, classWeights } = options;
    checkFeatureSet(train, config, 'training');
    if (evaluation) checkFeatureSet(evaluation, config, 'evaluation');
    const vectors = Math.max(
      longestBatch(train, rowsOfStep(options)),
      evaluation ? longestPiece(evaluation, options.per_device_eval_batch_size) : 0,
    );
    const plan = planHeadMemory(config, vectors);
    const memory = allocateMemory(wholePages(plan.total));
    const kernels = instantiate(module, memory);
    this.#parameters = new HeadParameters(kernels, plan, memory.buffer);
    this.#network = new HeadNetwork(config, kernels, plan, memory.buffer, { labelSmoothing, classWeights });
    this.#labels = config.labels.length;
    this.#train = train;
    this.#evaluation = evaluation;
    this.#options = options;
    this.#parameters.write('weights', head.tensors);
  }

  steps(steps: readonly Step[]): StepResult[] {
    return steps.map(({ rows, step, learningRate }) => this.step(rows, step, learningRate));
  }

  /**
   * Without a labelled vector among the rows nothing changes and the loss is 0. (torch's mean over none is NaN, and its
   * AdamW would still decay the weights.)
   */
  step(rows: readonly number[], step: number, learningRate: number): StepResult {
    const { labelled, loss, gradNorm } = this.#backward(rows, step);
    if (labelled) this.#parameters.update(adamFactors(this.#options, step, learningRate, gradNorm));
    return { loss, gradNorm };
  }

  /** What `step` computes ahead of its update. */
  gradients(rows: readonly number[], step: number): Gradients {
    const { loss, gradNorm } = this.#backward(rows, step);
    return { loss, gradNorm, gradients: this.#parameters.read('gradient') };
  }

  /** The mean of the loss that is trained, class weights and smoothing included. */
  evaluate(): Evaluation {
    const set = this.#evaluation;
    if (!set) throw new UsageError('evaluate: expected an evaluation set, got none');
    const { starts, features } = set;
    const network = this.#network;
    const logits = new Float32Array(features.count * this.#labels);
    const rows = starts.length - 1;
    const batch = this.#options.per_device_eval_batch_size;
    let sum = 0;
    for (let row = 0; row < rows; row += batch) {
      const [from, to] = [starts[row], starts[Math.min(row + batch, rows)]];
      if (from === to) continue;
      const M = to - from;
      features.read(from, to, network.features(0, M));
      network.setTargets(targetsOf(set, from, to), 0);
      network.forward(M);
      logits.set(network.logits(M), from * this.#labels);
      sum += network.loss(M, 1);
    }
    const total = network.totalWeight(set.targets);
    const loss = total > 0 ? sum / total : 0;
    checkFinite(loss, 'loss', 'evaluation', '');
    return { loss, logits };
  }

  state(): Map<string, Float32Array> {
    const state = this.#parameters.read('weights');
    for (const [which, suffix] of MOMENTS) {
      for (const [name, values] of this.#parameters.read(which)) state.set(name + suffix, values);
    }
    return state;
  }

  restore(state: ReadonlyMap<string, Float32Array>): void {
    const expected = this.state();
    for (const [name, { length }] of expected) {
      const got = state.get(name)?.length;
      if (got !== length) throw new DataError(`${name}: expected ${length} values, got ${got ?? 'none'}`);
    }
    for (const name of state.keys()) {
      if (!expected.has(name)) throw new DataError(`${name}: expected a tensor of the head, got another`);
    }
    this.#parameters.write('weights', state);
    for (const [which, suffix] of MOMENTS) {
      const named = [...state].filter(([name]) => name.endsWith(suffix));
      this.#parameters.write(which, new Map(named.map(([name, values]) => [name.slice(0, -suffix.length), values])));
    }
  }

  #backward(rows: readonly number[], step: number): StepResult & { labelled: boolean } {
    const network = this.#network;
    const { dropout: p, seed } = this.#options;
    const { M, total } = this.#gather(rows);
    if (total === 0) {
      this.#parameters.clearGradient();
      return { loss: 0, gradNorm: 0, labelled: false };
    }
    const dropout = { p, seed, step };
    network.forward(M, dropout);
    const loss = network.loss(M, total) / total;
    checkFinite(loss, 'loss', 'training', ` at step ${step}`);
    network.backward(M, dropout);
    const gradNorm = this.#parameters.gradientNorm();
    checkFinite(gradNorm, 'gradient', 'training', ` at step ${step}`);
    return { loss, gradNorm, labelled: true };
  }

  /** Lays the vectors of these rows end to end in WASM memory. */
  #gather(rows: readonly number[]): { M: number; total: number } {
    const { starts, features } = this.#train;
    const most = rowsOfStep(this.#options);
    if (rows.length > most) throw new UsageError(`step: expected at most ${most} rows, got ${rows.length}`);
    let M = 0;
    let total = 0;
    for (const row of rows) {
      const [from, to] = [starts[row], starts[row + 1]];
      if (from === to) continue;
      const targets = targetsOf(this.#train, from, to);
      features.read(from, to, this.#network.features(M, M + to - from));
      this.#network.setTargets(targets, M);
      total += this.#network.totalWeight(targets);
      M += to - from;
    }
    return { M, total };
  }
}

function checkFinite(value: number, what: string, where: string, when: string): void {
  if (Number.isFinite(value)) return;
  throw new DataError(`${where}: expected a finite ${what}, got ${value}${when} (a lower learning_rate may help)`);
}
