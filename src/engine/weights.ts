import { type CanonicalTensor, canonicalTensors } from '../model/bert.ts';
import type { ModelConfig } from '../model/config.ts';
import { floatPieces, readFloats } from '../model/floats.ts';
import { Head, headConfig, headShapes } from '../model/head.ts';
import { encoderLinears } from '../model/names.ts';
import type { ModelSource } from '../model/source.ts';
import type { Kernels } from './kernels.ts';
import type { Activations, Allocator } from './memory.ts';

/** A linear layer in memory; what the pointers hold is drawn in linear-q8.ts and matmul-f32.ts. */
export interface LinearWeights {
  /** Outputs and inputs. */
  n: number;
  k: number;
  weight: number;
  bias: number;
  /** Quantised layers only; 0 in an f32 layer. */
  scale: number;
  columnTerm: number;
  columns: number;
  outlierWeight: number;
}

export interface NormWeights {
  gain: number;
  bias: number;
}

export interface LayerWeights {
  /** Queries, keys and values as one linear layer of 3 D outputs, since they read the same input. */
  qkv: LinearWeights;
  out: LinearWeights;
  attentionNorm: NormWeights;
  hidden: LinearWeights;
  output: LinearWeights;
  outputNorm: NormWeights;
}

export interface Weights {
  words: number;
  /** 0 in an f32 model. */
  wordScale: number;
  positions: number;
  embeddingNorm: NormWeights;
  layers: LayerWeights[];
  /** Outlier columns of each quantised layer's input. */
  outliers: number;
}

/** Takes a tensor's data to its place. */
type Store = (tensor: CanonicalTensor) => Promise<void>;

/** How tensors reach their places; made before the memory is, and run when it stands. */
export interface WeightPlan {
  weights: Weights;
  /** Puts the encoder's weights in their places, and gives the head where there is one. */
  load(
    source: ModelSource,
    memory: WebAssembly.Memory,
    kernels: Kernels,
    buffer: Activations,
  ): Promise<Head | undefined>;
}

/** Rows pass in pieces of about this size: larger ones are no faster, and take the memory of more activations than a text does. */
const PIECE_BYTES = 1 << 18;

/** Lays the weights out in memory. A model is quantised where its config has our manifest, else f32. */
export function planWeights(config: ModelConfig, allocator: Allocator): WeightPlan {
  const { dim: D, vocabSize: V, positions, layers } = config;
  const quantised = config.bertwasm !== undefined;
  const C = config.bertwasm?.outlier_columns ?? 0;
  const stores = new Map<string, Store>();
  let memory: WebAssembly.Memory;
  let kernels: Kernels;
  let buffer: Activations;

  const vector = (name: string, length: number, pointer = allocator.take(Math.ceil(length / 8) * 32)): number => {
    stores.set(
      name,
      async (tensor) => void (await readFloats(tensor, new Float32Array(memory.buffer, pointer, length))),
    );
    return pointer;
  };

  const norm = (name: string): NormWeights => ({ gain: vector(`${name}.weight`, D), bias: vector(`${name}.bias`, D) });

  /** Reads i8 rows into the buffer, eight and more at a time, and packs them from there. */
  const packQuantised =
    (linear: LinearWeights, firstRow: number): Store =>
    async (tensor) => {
      const { k } = linear;
      const rows = Math.max(8, Math.floor(Math.min(PIECE_BYTES, buffer.bytes) / k / 8) * 8);
      for (let row = 0; row < tensor.shape[0]; row += rows) {
        const count = Math.min(rows, tensor.shape[0] - row);
        await tensor.read(new Uint8Array(memory.buffer, buffer.start, count * k));
        const n = firstRow + row;
        kernels.packWeight(buffer.start, count, k, linear.weight + n * k, linear.columnTerm + n * 4);
      }
    };

  const packFloats =
    (pointer: number, k: number, firstRow = 0): Store =>
    async (tensor) => {
      const rows = Math.max(8, Math.floor(Math.min(PIECE_BYTES, buffer.bytes) / (k * 4) / 8) * 8);
      for await (const { row, values } of floatPieces(tensor, rows)) {
        new Float32Array(memory.buffer, buffer.start).set(values);
        kernels.packRowsF32(buffer.start, k * 4, values.length / k, k, pointer + (firstRow + row) * k * 4);
      }
    };

  /** One layer in memory from one or, side by side, several layers of the checkpoint that read the same input. */
  const quantisedLinear = (names: string[], rows: number, k: number): LinearWeights => {
    const n = rows * names.length;
    const linear = {
      n,
      k,
      weight: allocator.take(n * k),
      bias: allocator.take(n * 4),
      scale: allocator.take(n * 4),
      columnTerm: allocator.take(n * 4),
      columns: allocator.take(C * 4),
      outlierWeight: allocator.take(n * C * 4),
    };
    names.forEach((name, i) => {
      const firstRow = i * rows;
      stores.set(`${name}.weight`, packQuantised(linear, firstRow));
      if (C) stores.set(`${name}.weight.outliers`, packFloats(linear.outlierWeight, C, firstRow));
      vector(`${name}.weight.scale`, rows, linear.scale + firstRow * 4);
      vector(`${name}.bias`, rows, linear.bias + firstRow * 4);
      stores.set(`${name}.weight.outlier_columns`, async (tensor) => {
        const columns = new BigInt64Array(C);
        await tensor.read(new Uint8Array(columns.buffer));
        new Int32Array(memory.buffer, linear.columns, C).set(Array.from(columns, Number));
      });
    });
    return linear;
  };

  const floatLinear = (names: string[], rows: number, k: number): LinearWeights => {
    const n = rows * names.length;
    const padded = Math.ceil(n / 8) * 8;
    const weight = allocator.take(padded * k * 4);
    const bias = allocator.take(padded * 4);
    names.forEach((name, i) => {
      stores.set(`${name}.weight`, packFloats(weight, k, i * rows));
      vector(`${name}.bias`, rows, bias + i * rows * 4);
    });
    return { n, k, weight, bias, scale: 0, columnTerm: 0, columns: 0, outlierWeight: 0 };
  };

  const linears = new Map(encoderLinears(config).map((linear) => [linear.name, linear]));
  const encoderLinear = (...names: string[]): LinearWeights => {
    const { n, k } = linears.get(names[0]) as { n: number; k: number };
    return quantised ? quantisedLinear(names, n, k) : floatLinear(names, n, k);
  };

  const words = allocator.take(V * D * (quantised ? 1 : 4));
  const wordsName = 'embeddings.word_embeddings.weight';
  stores.set(wordsName, async (tensor) => {
    if (quantised) await tensor.read(new Uint8Array(memory.buffer, words, V * D));
    else {
      for await (const { row, values } of floatPieces(tensor, Math.ceil(PIECE_BYTES / (D * 4)))) {
        new Float32Array(memory.buffer, words + row * D * 4).set(values);
      }
    }
  });

  const weights: Weights = {
    words,
    wordScale: quantised ? vector(`${wordsName}.scale`, V) : 0,
    positions: vector('embeddings.position_embeddings.weight', positions * D),
    embeddingNorm: norm('embeddings.LayerNorm'),
    layers: Array.from({ length: layers }, (_, i) => {
      const layer = `transformer.layer.${i}`;
      const attention = `${layer}.attention`;
      const ffn = `${layer}.ffn`;
      return {
        qkv: encoderLinear(`${attention}.q_lin`, `${attention}.k_lin`, `${attention}.v_lin`),
        out: encoderLinear(`${attention}.out_lin`),
        attentionNorm: norm(`${layer}.sa_layer_norm`),
        hidden: encoderLinear(`${ffn}.lin1`),
        output: encoderLinear(`${ffn}.lin2`),
        outputNorm: norm(`${layer}.output_layer_norm`),
      };
    }),
    outliers: C,
  };
  const head = headConfig(config);
  const headValues = new Map<string, Float32Array>();
  for (const name of head ? headShapes(head).keys() : []) {
    stores.set(name, async (tensor) => void headValues.set(name, await readFloats(tensor)));
  }

  return {
    weights,
    async load(source, intoMemory, withKernels, activations) {
      [memory, kernels, buffer] = [intoMemory, withKernels, activations];
      for await (const tensor of canonicalTensors(source, config)) await stores.get(tensor.name)?.(tensor);
      return head && new Head(head, headValues);
    },
  };
}
