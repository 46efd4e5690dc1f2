import { readFileSync } from 'node:fs';
import type { ModelConfig } from '../../src/model/config.ts';
import { parseHeader } from '../../src/model/safetensors.ts';
import type { EncodedRows } from '../../src/train/full/encode-rows.ts';

/** A training of golden/ort/training.py. */
export interface Golden {
  index: number;
  name: string;
  task: 'sequence' | 'token';
  L: number;
  trained?: 'head';
  classWeights?: number[];
  smoothing?: number;
  multi?: boolean;
  activation?: 'gelu' | 'relu';
  dropout?: boolean;
  batches: { ids: number[]; labels: number | number[] }[][];
  losses: number[];
  norms: number[];
  rates: number[];
}

const path = (name: string) => new URL(`../golden/ort/${name}`, import.meta.url);
const json = JSON.parse(readFileSync(path('training.json'), 'utf8'));
const tensors = readTensors(new Uint8Array(readFileSync(path('training.safetensors'))));

export const goldens: Golden[] = json.cases.map((golden: Golden, index: number) => ({ ...golden, index }));
export const DROPOUT: Record<'embeddings' | 'attention' | 'ffn' | 'head', number> = json.dropout;

function readTensors(bytes: Uint8Array): Map<string, Float32Array> {
  const start = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let at = start;
  return new Map(
    parseHeader(bytes.subarray(8, start), bytes.length - start, 'training.safetensors').map(({ name, byteLength }) => {
      at += byteLength;
      return [name, new Float32Array(bytes.slice(at - byteLength, at).buffer)];
    }),
  );
}

/** Its tensors of a kind, by canonical name. */
export function tensorsOf({ index }: Golden, kind: 'initial' | 'gradient' | 'final'): Map<string, Float32Array> {
  const prefix = `${index}.${kind}.`;
  const named = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(named.map(([name, values]) => [name.slice(prefix.length), values]));
}

/** Logits of all labelled vectors before training, f32 [N, L]. */
export function logitsOf({ index }: Golden): Float32Array {
  return tensors.get(`${index}.logits`) as Float32Array;
}

export function configOf({ task, L, multi, activation = 'gelu' }: Golden): ModelConfig {
  const { vocab_size, max_position_embeddings, dim, n_heads, hidden_dim, n_layers } = json.shape;
  return {
    modelType: 'distilbert',
    vocabSize: vocab_size,
    dim,
    hiddenDim: hidden_dim,
    heads: n_heads,
    layers: n_layers,
    positions: max_position_embeddings,
    activation,
    layerNormEps: 1e-12,
    head: task,
    pooling: 'cls',
    preClassifier: task === 'sequence',
    labels: Array.from({ length: L }, (_, i) => `l${i}`),
    problemType: multi ? 'multi_label_classification' : undefined,
    raw: {},
  };
}

/** All batches as one set, and which of its rows each step takes. */
export function rowsOf({ task, batches, multi }: Golden): { set: EncodedRows; steps: number[][] } {
  const rows = batches.flat();
  const steps: number[][] = [];
  for (const batch of batches) {
    const first = steps.reduce((sum, { length }) => sum + length, 0);
    steps.push(batch.map((_, i) => first + i));
  }
  const labelled = rows.map(({ labels }) =>
    task === 'token' ? (labels as number[]).filter((label) => label >= 0) : labels,
  );
  const starts = [0];
  for (const labels of labelled)
    starts.push(starts[starts.length - 1] + (task === 'token' ? (labels as number[]).length : 1));
  const readings = rows.map(({ ids, labels }) => ({
    ids: Int32Array.from(ids),
    truncated: false,
    ...(task === 'token'
      ? { firsts: Int32Array.from((labels as number[]).flatMap((label, token) => (label >= 0 ? [token] : []))) }
      : {}),
  }));
  const targets = labelled.flat();
  const set = {
    readings,
    truncated: 0,
    starts: Uint32Array.from(starts),
    words: new Uint32Array(starts[starts.length - 1]),
    targets: multi ? Float32Array.from(targets) : Int32Array.from(targets),
  };
  return { set, steps };
}

/** The formula of golden/ort/training.py. */
export function kept(step: number, site: number, shape: readonly number[], p: number): Uint8Array {
  const offset = step * 40503 + site * 97;
  return Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => {
    const word = (Math.imul(i + 1, 2654435761) + offset) >>> 0;
    const mixed = Math.imul(word ^ (word >>> 15), 2246822519) >>> 0;
    return mixed >>> 16 >= Math.round(p * 65536) ? 1 : 0;
  });
}

/** |actual - expected| / |expected| of a whole tensor. */
export function relative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}
