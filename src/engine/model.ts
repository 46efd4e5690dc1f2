import { DataError, UsageError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { ModelSource } from '../model/source.ts';
import { Encoder, type InputObserver } from './encoder.ts';
import { type Build, chooseBuild, instantiate, type KernelBinaries, type Kernels } from './kernels.ts';
import { type Activations, Allocator, MAX_BYTES, planActivations, WASM_PAGE } from './memory.ts';
import { type LinearWeights, planWeights, type Weights } from './weights.ts';

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
  readonly config: ModelConfig;
  readonly simd: Build;
  readonly dtype: 'q8' | 'fp32';
  readonly memory: MemoryUse;
  #state: State | undefined;

  private constructor(config: ModelConfig, simd: Build, memory: MemoryUse, state: State) {
    this.config = config;
    this.simd = simd;
    this.dtype = config.bertwasm ? 'q8' : 'fp32';
    this.memory = memory;
    this.#state = state;
  }

  /**
   * Loads the weights that `config` describes.
   *
   * @throws DataError where the files do not fit the config, hold invalid values, or need more than 4 GiB
   * @throws UsageError where the build or the dtype asked for can't be had
   */
  static async load(
    source: ModelSource,
    config: ModelConfig,
    binaries: KernelBinaries,
    options: ModelOptions = {},
  ): Promise<Model> {
    const dtype = config.bertwasm ? 'q8' : 'fp32';
    if (options.dtype && options.dtype !== dtype) {
      const hint = options.dtype === 'q8' ? '; `bertwasm quantize` makes a q8 model of it' : '';
      throw new UsageError(
        `${source.name}: expected dtype ${dtype}, which the model holds, got ${options.dtype}${hint}`,
      );
    }
    const { build, module } = await chooseBuild(binaries, options.simd ?? 'auto');
    const { plan, activations, memory: use } = planModel(config, build, options.maxTokens);
    const memory = allocate(use.total);
    const kernels = instantiate(module, memory);
    await plan.load(source, memory, kernels, activations);
    const encoder = new Encoder(config, kernels, plan.weights, activations);
    return new Model(config, build, use, { memory, kernels, encoder, activations, weights: plan.weights });
  }

  /**
   * Raw scores of a sequence head, f32 [B, L].
   *
   * @throws UsageError where a sequence is empty, too long, or holds an id that is no row of the vocabulary
   */
  logits(batch: readonly ArrayLike<number>[]): Float32Array {
    const { preClassifier, classifier } = this.#live().weights;
    if (!preClassifier || !classifier) throw new UsageError(`model: expected a sequence head, got ${this.config.head}`);
    const L = classifier.n;
    const D = this.config.dim;
    const result = new Float32Array(batch.length * L);
    this.#forEachPiece(batch, (first, starts, { memory, kernels, activations: { x, y, wide } }) => {
      const B = starts.length - 1;
      // DistilBERT classifies the hidden state of [CLS], the first token of each sequence.
      const bytes = new Uint8Array(memory.buffer);
      for (let b = 0; b < B; b++) bytes.copyWithin(y + b * D * 4, x + starts[b] * D * 4, x + (starts[b] + 1) * D * 4);
      headLayer(kernels, preClassifier, y, B, x);
      kernels.relu(x, B * D);
      headLayer(kernels, classifier, x, B, wide);
      copyRows(memory, wide, B, L, result, first);
    });
    return this.#finite(result);
  }

  /** Raw scores of a token head, f32 [T, L] for each sequence. */
  tokenLogits(batch: readonly ArrayLike<number>[]): Float32Array[] {
    const { classifier, preClassifier } = this.#live().weights;
    if (!classifier || preClassifier) throw new UsageError(`model: expected a token head, got ${this.config.head}`);
    const L = classifier.n;
    const result: Float32Array[] = [];
    this.#forEachPiece(batch, (_, starts, { memory, kernels, activations: { x, wide } }) => {
      for (let b = 0; b + 1 < starts.length; b++) {
        const T = starts[b + 1] - starts[b];
        const logits = new Float32Array(T * L);
        headLayer(kernels, classifier, x + starts[b] * this.config.dim * 4, T, wide);
        copyRows(memory, wide, T, L, logits, 0);
        result.push(this.#finite(logits));
      }
    });
    return result;
  }

  /** Last hidden states, f32 [T, D] for each sequence. */
  hiddenStates(batch: readonly ArrayLike<number>[]): Float32Array[] {
    const D = this.config.dim;
    const result: Float32Array[] = [];
    this.#forEachPiece(batch, (_, starts, { memory, activations: { x } }) => {
      for (let b = 0; b + 1 < starts.length; b++) {
        const states = new Float32Array(memory.buffer, x + starts[b] * D * 4, (starts[b + 1] - starts[b]) * D);
        result.push(states.slice());
      }
    });
    return result;
  }

  /** Shows `observer` the input of every linear layer for one sequence, f32 [T, K]: what calibration measures. */
  observeInputs(ids: ArrayLike<number>, observer: (input: string, rows: Float32Array, K: number) => void): void {
    this.#forEachPiece(
      [ids],
      () => {},
      (memory) => (input, pointer, K) => observer(input, new Float32Array(memory.buffer, pointer, ids.length * K), K),
    );
  }

  /** Softmax of each row of `n` values; computed in WASM, since engines differ in `Math.exp`. */
  softmax(values: Float32Array, n: number): Float32Array {
    const stride = Math.ceil(n / 4) * 4;
    const result = new Float32Array(values.length);
    this.#onVectors(values.length / n, n, stride, (pointer, kernels, from, rows) => {
      for (let i = 0; i < rows; i++) pointer.set(values.subarray((from + i) * n, (from + i + 1) * n), i * stride);
      kernels.softmax(pointer.byteOffset, stride * 4, rows, n, 1);
      for (let i = 0; i < rows; i++) result.set(pointer.subarray(i * stride, i * stride + n), (from + i) * n);
    });
    return result;
  }

  /** 1 / (1 + e^-x) of each value, in WASM. */
  sigmoid(values: Float32Array): Float32Array {
    const result = new Float32Array(values.length);
    this.#onVectors(values.length, 1, 1, (pointer, kernels, from, count) => {
      pointer.set(values.subarray(from, from + count));
      kernels.sigmoid(pointer.byteOffset, count);
      result.set(pointer.subarray(0, count), from);
    });
    return result;
  }

  /** Gives the memory back: nothing else holds it. Further calls are an error; a second `dispose` is none. */
  dispose(): void {
    this.#state = undefined;
  }

  #live(): State {
    if (!this.#state) throw new UsageError('model: expected a loaded model, got one that was disposed of');
    return this.#state;
  }

  /** Runs the encoder over consecutive sequences of at most `activations.tokens` tokens, and `use` after each. */
  #forEachPiece(
    batch: readonly ArrayLike<number>[],
    use: (firstSequence: number, starts: number[], state: State) => void,
    observer?: (memory: WebAssembly.Memory) => InputObserver,
  ): void {
    const state = this.#live();
    for (const [index, ids] of batch.entries()) this.#checkIds(ids, index);
    const budget = state.activations.tokens;
    for (let first = 0; first < batch.length; ) {
      const starts = [0];
      let tokens = 0;
      let next = first;
      while (next < batch.length && tokens + batch[next].length <= budget) {
        new Int32Array(state.memory.buffer, state.activations.ids, budget).set(batch[next], tokens);
        tokens += batch[next].length;
        starts.push(tokens);
        next++;
      }
      state.encoder.forward({ starts, tokens }, observer?.(state.memory));
      // Here, since a head could hide an overflow; 0.17 ms of 190 at 128 x 768.
      this.#finite(new Float32Array(state.memory.buffer, state.activations.x, tokens * this.config.dim));
      use(first, starts, state);
      first = next;
    }
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

  #onVectors(
    rows: number,
    n: number,
    stride: number,
    use: (values: Float32Array, kernels: Kernels, from: number, rows: number) => void,
  ): void {
    const { memory, kernels, activations } = this.#live();
    if (!Number.isInteger(rows)) throw new UsageError(`values: expected rows of ${n}, got ${rows * n} values`);
    const room = Math.floor(activations.bytes / 4) - 4;
    const perCall = Math.floor(room / stride);
    if (perCall < 1) throw new UsageError(`values: expected rows of at most ${room}, got ${n}`);
    const values = new Float32Array(memory.buffer, activations.start, room);
    for (let from = 0; from < rows; from += perCall) use(values, kernels, from, Math.min(perCall, rows - from));
  }
}

interface State {
  memory: WebAssembly.Memory;
  kernels: Kernels;
  encoder: Encoder;
  activations: Activations;
  weights: Weights;
}

/** Lays out a model's whole memory without loading it. */
export function planModel(config: ModelConfig, build: Build, maxTokens = DEFAULT_MAX_TOKENS) {
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1)) {
    throw new UsageError(`maxTokens: expected a positive integer, got ${maxTokens}`);
  }
  const tokens = Math.max(maxTokens, config.positions);
  const allocator = new Allocator();
  const plan = planWeights(config, allocator);
  const weights = allocator.end;
  const width = config.bertwasm ? (build === 'relaxed' ? 1 : 2) : 0;
  const activations = planActivations(allocator, config, tokens, width, plan.weights.outliers);
  const total = Math.ceil(allocator.end / WASM_PAGE) * WASM_PAGE;
  if (total > MAX_BYTES) throw new DataError(`model: expected to need at most ${MAX_BYTES} bytes, got ${total}`);
  const memory: MemoryUse = { weights, activations: total - weights, total };
  return { plan, activations, memory };
}

function allocate(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: bytes / WASM_PAGE, maximum: bytes / WASM_PAGE });
  } catch {
    throw new DataError(`model: expected ${bytes} bytes of memory, got none from this engine`);
  }
}

function headLayer(
  kernels: Kernels,
  { n, k, weight, bias }: LinearWeights,
  from: number,
  rows: number,
  to: number,
): void {
  kernels.matmulF32(from, k * 4, weight, bias, to, Math.ceil(n / 8) * 32, rows, n, k);
}

/** Rows of n values with a stride of n rounded up to 8, as matmulF32 leaves them, into `result` from row `first`. */
function copyRows(
  memory: WebAssembly.Memory,
  from: number,
  rows: number,
  n: number,
  result: Float32Array,
  first: number,
): void {
  const stride = Math.ceil(n / 8) * 8;
  const values = new Float32Array(memory.buffer, from, rows * stride);
  for (let i = 0; i < rows; i++) result.set(values.subarray(i * stride, i * stride + n), (first + i) * n);
}
