import { DataError, UsageError } from '../errors.ts';
import type { HeadPooling, HeadTask, ModelConfig } from '../model/config.ts';
import { featureWidth, type Head, headConfig } from '../model/head.ts';
import type { ModelSource } from '../model/source.ts';
import { MOST_THREADS } from './control.ts';
import { Crew } from './crew.ts';
import { Encoder, type EncoderObserver, type Piece } from './encoder.ts';
import { HeadRunner, planHead } from './head-runner.ts';
import { type Build, chooseBuild, instantiate, type KernelBinaries, type Kernels } from './kernels.ts';
import { type Activations, Allocator, allocateMemory, planActivations, wholePages } from './memory.ts';
import { meanRows } from './pooling.ts';
import { Scores } from './scores.ts';
import { planWeights } from './weights.ts';

export interface ModelOptions {
  /** Which build of the kernels; both give the same bits. Default `auto`. */
  simd?: 'auto' | Build;
  /** Must be what the model holds: `q8` in our own form, `fp32` in a Hugging Face directory. */
  dtype?: 'q8' | 'fp32';
  /**
   * Tokens that pass at once; larger batches run in pieces. Default 512, and never below the longest sequence. More
   * gains nothing (the weights of a layer pass through the cache once in 512 tokens) and takes 24 kB each in DistilBERT-base.
   */
  maxTokens?: number;
  /**
   * Threads that compute, this one among them, on one copy of the weights; the same bits in any number. Default 1. The
   * others start while weights load, and none is waited for.
   */
  threads?: number;
}

export interface MemoryUse {
  /** Bytes. */
  weights: number;
  activations: number;
  total: number;
}

const DEFAULT_MAX_TOKENS = 512;

/**
 * An encoder and its head, in a WASM memory of its own. Batches are ragged lists of sequences of ids; the same ids give
 * the same bits whatever stands beside them, in either build, on every engine.
 */
export class Model {
  readonly simd: Build;
  readonly dtype: 'q8' | 'fp32';
  /** The compiled kernels, for who trains a head with them. */
  readonly module: WebAssembly.Module;
  #config: ModelConfig;
  readonly #encoderMemory: MemoryUse;
  #state: State | undefined;

  private constructor(config: ModelConfig, simd: Build, module: WebAssembly.Module, memory: MemoryUse, state: State) {
    this.#config = config;
    this.simd = simd;
    this.dtype = config.bertwasm ? 'q8' : 'fp32';
    this.module = module;
    this.#encoderMemory = memory;
    this.#state = state;
    state.crew?.join(this);
  }

  /**
   * Loads the weights that `config` describes.
   *
   * @param make what makes the kernels, the encoder's first, then its head's: `bertwasm bench` puts clocks around them
   * @throws DataError where the files do not fit the config, hold invalid values, or need more than 4 GiB
   * @throws UsageError where the build or the dtype asked for can't be had
   */
  static async load(
    source: ModelSource,
    config: ModelConfig,
    binaries: KernelBinaries,
    options: ModelOptions = {},
    make = instantiate,
  ): Promise<Model> {
    const dtype = config.bertwasm ? 'q8' : 'fp32';
    if (options.dtype && options.dtype !== dtype) {
      const hint = options.dtype === 'q8' ? '; `bertwasm quantize` makes a q8 model of it' : '';
      throw new UsageError(
        `${source.name}: expected dtype ${dtype}, which the model holds, got ${options.dtype}${hint}`,
      );
    }
    const threads = checkThreads(options.threads ?? 1, binaries);
    const { build, module } = await chooseBuild(binaries, options.simd ?? 'auto');
    const { plan, activations, memory: use } = planModel(config, build, options.maxTokens, threads);
    const { weights } = plan;
    const memory = allocateMemory(use.total, threads > 1);
    // A module says whether its memory is shared; heads have memories of their own.
    const encoderModule = threads > 1 ? await binaries.load(build, true) : module;
    const kernels = make(encoderModule, memory);
    const { startThread } = binaries;
    const crew =
      threads > 1 && startThread
        ? new Crew(threads, startThread, { module: encoderModule, memory, config, weights, activations })
        : undefined;
    const loading = {};
    crew?.join(loading);
    try {
      const head = await plan.load(source, memory, kernels, activations);
      const encoder = new Encoder(config, kernels, weights, activations);
      const runner = head && new HeadRunner(module, head, make);
      return new Model(config, build, module, use, { memory, kernels, encoder, activations, runner, crew });
    } finally {
      crew?.leave(loading);
    }
  }

  /**
   * Another model on the same encoder, with a head of its own: the weights stand in memory once, and go when the last model
   * is disposed of.
   */
  share(): Model {
    return new Model(this.#config, this.simd, this.module, this.#encoderMemory, this.#live());
  }

  /** The configuration, that of the head in use included. */
  get config(): ModelConfig {
    return this.#config;
  }

  /** Threads that compute as of now: of those asked for, the ones that have started. */
  get threads(): number {
    return this.#live().crew?.count ?? 1;
  }

  /** The head in use; none where the model is an encoder alone. */
  get head(): Head | undefined {
    return this.#live().runner?.head;
  }

  /** Bytes taken; the head counts among the weights. */
  get memory(): MemoryUse {
    return withHead(this.#encoderMemory, this.#state?.runner?.bytes ?? 0);
  }

  /**
   * Puts another head on the encoder, whose weights stay as they are.
   *
   * @throws UsageError where the head was made for another encoder
   */
  use(head: Head): void {
    const state = this.#live();
    const { task, labels, problemType, pooling, preClassifier, dim, width, encoder } = head.config;
    const { config } = this;
    const sha256 = config.bertwasm?.files['encoder.safetensors']?.sha256;
    if (dim !== config.dim || width !== featureWidth(config, pooling)) {
      throw new UsageError(
        `head: expected one for D = ${config.dim} and ${config.layers} layers, got D = ${dim}, P = ${width}`,
      );
    }
    if (encoder !== undefined && sha256 !== undefined && encoder !== sha256) {
      throw new UsageError(`head: expected one for the encoder with SHA-256 ${sha256}, got one for ${encoder}`);
    }
    this.#state = { ...state, runner: new HeadRunner(this.module, head) };
    this.#config = { ...config, head: task, labels: [...labels], problemType, pooling, preClassifier };
  }

  /**
   * Raw scores of a sequence head, f32 [B, L].
   *
   * @throws UsageError where a sequence is empty, too long, or holds an id that is no row of the vocabulary
   */
  logits(batch: readonly ArrayLike<number>[]): Float32Array {
    const runner = this.#runner('sequence');
    const L = this.config.labels.length;
    const result = new Float32Array(batch.length * L);
    for (const piece of this.#pieces(batch)) {
      result.set(runner.logits(this.#pooled(piece, this.config.pooling)), piece.first * L);
    }
    return this.#finite(result);
  }

  /** Raw scores of a token head, f32 [T, L] for each sequence. */
  tokenLogits(batch: readonly ArrayLike<number>[]): Float32Array[] {
    const runner = this.#runner('token');
    const { pooling, labels } = this.config;
    const result: Float32Array[] = [];
    for (const piece of this.#pieces(batch)) {
      const logits = this.#finite(runner.logits(this.#tokenStates(piece, pooling)));
      for (const [from, to] of spans(piece.starts)) result.push(logits.slice(from * labels.length, to * labels.length));
    }
    return result;
  }

  /** Last hidden states, f32 [T, D] for each sequence. */
  hiddenStates(batch: readonly ArrayLike<number>[]): Float32Array[] {
    return this.tokenFeatures(batch, 'cls');
  }

  /**
   * What a token head reads, f32 [T, P] for each sequence: the last hidden states (`cls`), or those of the embeddings and of
   * every layer side by side (`layers`).
   */
  tokenFeatures(batch: readonly ArrayLike<number>[], pooling: HeadPooling): Float32Array[] {
    const P = featureWidth(this.config, pooling);
    const result: Float32Array[] = [];
    for (const piece of this.#pieces(batch)) {
      const states = this.#tokenStates(piece, pooling);
      for (const [from, to] of spans(piece.starts)) result.push(states.slice(from * P, to * P));
    }
    return result;
  }

  /** What a sequence head reads, f32 [B, P]: one vector for each sequence. */
  features(batch: readonly ArrayLike<number>[], pooling: HeadPooling): Float32Array {
    const P = featureWidth(this.config, pooling);
    const result = new Float32Array(batch.length * P);
    for (const piece of this.#pieces(batch)) result.set(this.#pooled(piece, pooling), piece.first * P);
    return result;
  }

  /** Shows `observer` the input of every linear layer for one sequence, f32 [T, K]: what calibration measures. */
  observeInputs(ids: ArrayLike<number>, observer: (input: string, rows: Float32Array, K: number) => void): void {
    for (const piece of this.#pieces([ids])) {
      const { buffer } = this.#live().memory;
      this.#forward(piece, {
        input: (input, pointer, K) => observer(input, new Float32Array(buffer, pointer, ids.length * K), K),
      });
    }
  }

  /** Softmax of each row of `n` values. */
  softmax(values: Float32Array, n: number): Float32Array {
    return this.#scores().softmax(values, n);
  }

  /** 1 / (1 + e^-x) of each value. */
  sigmoid(values: Float32Array): Float32Array {
    return this.#scores().sigmoid(values);
  }

  /** Gives the memory back: nothing else holds it. Further calls are an error; a second `dispose` is none. */
  dispose(): void {
    this.#state?.crew?.leave(this);
    this.#state = undefined;
  }

  #live(): State {
    if (!this.#state) throw new UsageError('model: expected a loaded model, got one that was disposed of');
    return this.#state;
  }

  #runner(task: HeadTask): HeadRunner {
    const { runner } = this.#live();
    if (!runner || this.config.head !== task) {
      throw new UsageError(`model: expected a ${task} head, got ${this.config.head}`);
    }
    return runner;
  }

  /** Consecutive sequences of at most `activations.tokens` tokens, their ids in place for the encoder. */
  *#pieces(batch: readonly ArrayLike<number>[]): Generator<BatchPiece> {
    for (const [index, ids] of batch.entries()) this.#checkIds(ids, index);
    const { memory, activations } = this.#live();
    const budget = activations.tokens;
    for (let first = 0; first < batch.length; ) {
      const starts = [0];
      let tokens = 0;
      let next = first;
      while (next < batch.length && tokens + batch[next].length <= budget) {
        new Int32Array(memory.buffer, activations.ids, budget).set(batch[next], tokens);
        tokens += batch[next].length;
        starts.push(tokens);
        next++;
      }
      yield { first, starts, tokens };
      first = next;
    }
  }

  /** Runs the encoder; the hidden states are those of {@link #hidden}. */
  #forward(piece: BatchPiece, observer?: EncoderObserver): void {
    const { encoder, crew } = this.#live();
    if (crew && !observer?.input) crew.forward(encoder, piece.starts, observer);
    else encoder.forward(piece, observer);
    // Here, since a head could hide an overflow; 0.17 ms of 190 at 128 x 768.
    this.#finite(this.#hidden(0, piece.tokens * this.config.dim));
  }

  /** Values `from` .. `to` of the hidden states f32 [T, D] of the piece at hand: a view, good until the next piece. */
  #hidden(from: number, to: number): Float32Array {
    const { memory, activations } = this.#live();
    return new Float32Array(memory.buffer, activations.x + from * 4, to - from);
  }

  /** The encoder on one piece, token by token: f32 [T, P], good until the next piece. */
  #tokenStates(piece: BatchPiece, pooling: HeadPooling): Float32Array {
    const D = this.config.dim;
    const { tokens: T } = piece;
    if (pooling !== 'layers') {
      this.#forward(piece);
      return this.#hidden(0, T * D);
    }
    const P = featureWidth(this.config, pooling);
    const result = new Float32Array(T * P);
    this.#forward(piece, {
      hidden: (layer) => {
        for (let t = 0; t < T; t++) result.set(this.#hidden(t * D, (t + 1) * D), t * P + layer * D);
      },
    });
    return result;
  }

  /** The encoder on one piece, pooled: f32 [B, P]. */
  #pooled(piece: BatchPiece, pooling: HeadPooling): Float32Array {
    const D = this.config.dim;
    const P = featureWidth(this.config, pooling);
    const result = new Float32Array((piece.starts.length - 1) * P);
    const means = (column: number): void => {
      for (const [b, [from, to]] of spans(piece.starts).entries()) {
        result.set(meanRows(this.#hidden(from * D, to * D), D), b * P + column);
      }
    };
    this.#forward(piece, pooling === 'layers' ? { hidden: (layer) => means(layer * D) } : undefined);
    if (pooling === 'mean') means(0);
    if (pooling === 'cls') {
      for (const [b, [from]] of spans(piece.starts).entries())
        result.set(this.#hidden(from * D, (from + 1) * D), b * P);
    }
    return result;
  }

  #checkIds(ids: ArrayLike<number>, index: number): void {
    const { positions, vocabSize } = this.config;
    if (ids.length < 1 || ids.length > positions) {
      throw new UsageError(`sequence ${index}: expected 1 to ${positions} ids, got ${ids.length}`);
    }
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (!(Number.isInteger(id) && id >= 0 && id < vocabSize)) {
        throw new UsageError(`sequence ${index}, token ${i}: expected an id from 0 to ${vocabSize - 1}, got ${id}`);
      }
    }
  }

  /** Finite weights can still overflow f32; then there is no answer to give. */
  #finite(values: Float32Array): Float32Array {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) {
        throw new DataError(`model: expected finite results, got ${values[i]}: its weights overflow f32`);
      }
    }
    return values;
  }

  /** On the activations' memory, which is idle between two calls. */
  #scores(): Scores {
    const { memory, kernels, activations } = this.#live();
    return new Scores(kernels, new Float32Array(memory.buffer, activations.start, Math.floor(activations.bytes / 4)));
  }
}

interface State {
  memory: WebAssembly.Memory;
  kernels: Kernels;
  encoder: Encoder;
  activations: Activations;
  runner: HeadRunner | undefined;
  crew: Crew | undefined;
}

/** A part of a batch. */
interface BatchPiece extends Piece {
  starts: number[];
  /** Index of its first sequence in the batch. */
  first: number;
}

/** The sequences of a piece: from where to where. */
function spans(starts: readonly number[]): [from: number, to: number][] {
  return starts.slice(1).map((to, b) => [starts[b], to]);
}

/** @throws UsageError where the number is none, or more than this engine starts */
function checkThreads(threads: number, { startThread }: KernelBinaries): number {
  const most = startThread && typeof SharedArrayBuffer === 'function' ? MOST_THREADS : 1;
  if (Number.isInteger(threads) && threads >= 1 && threads <= most) return threads;
  const wanted =
    most === 1
      ? '1 where memory is not shared (a page must be cross-origin isolated)'
      : `a whole number from 1 to ${most}`;
  throw new UsageError(`threads: expected ${wanted}, got ${threads}`);
}

/** Bytes that a model will take. */
export function plannedMemory(config: ModelConfig, build: Build): MemoryUse {
  const head = headConfig(config);
  return withHead(planModel(config, build).memory, head ? planHead(head).bytes : 0);
}

function withHead({ weights, activations, total }: MemoryUse, head: number): MemoryUse {
  return { weights: weights + head, activations, total: total + head };
}

/** Lays out an encoder's whole memory without loading it. */
function planModel(config: ModelConfig, build: Build, maxTokens = DEFAULT_MAX_TOKENS, threads = 1) {
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1)) {
    throw new UsageError(`maxTokens: expected a positive integer, got ${maxTokens}`);
  }
  const tokens = Math.max(maxTokens, config.positions);
  const allocator = new Allocator();
  const plan = planWeights(config, allocator);
  const weights = allocator.end;
  const width = config.bertwasm ? (build === 'relaxed' ? 1 : 2) : 0;
  const activations = planActivations(allocator, config, tokens, width, plan.weights.outliers, threads);
  const total = wholePages(allocator.end);
  const memory: MemoryUse = { weights, activations: total - weights, total };
  return { plan, activations, memory };
}
