import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelConfig } from '../../src/model/config.ts';
import { parseHeader } from '../../src/model/safetensors.ts';
import type { EncodedRows } from '../../src/train/full/encode-rows.ts';
import { venvPython } from '../venv.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What reference.py leaves, and where models/make-minilm.ts keeps the checkpoint. */
const DIRECTORY = `${root}build/parity`;
const CHECKPOINT = `${root}build/minilm/checkpoint`;
export const REFERENCE = `${root}test/parity/reference.py`;

export type Task = 'sequence' | 'token';
export type Trained = 'full' | 'head';

/** A training of reference.py. */
export interface Reference {
  batches: { ids: number[][]; mask: number[][]; labels: (number | number[])[] }[];
  rates: number[];
  losses: number[];
  norms: number[];
}

export function python(): string {
  return venvPython('parity', `${root}test/parity/requirements.txt`);
}

/** Lets torch compute, once: build/parity keeps it. */
export function prepare(): string {
  if (!existsSync(CHECKPOINT)) execFileSync('npm', ['run', 'models:minilm'], { cwd: root, stdio: 'inherit' });
  if (!existsSync(`${DIRECTORY}/token-head-final.safetensors`)) {
    mkdirSync(DIRECTORY, { recursive: true });
    execFileSync(python(), [REFERENCE, 'prepare', CHECKPOINT, DIRECTORY], { stdio: 'inherit' });
  }
  return DIRECTORY;
}

/** Tensors by canonical name. */
export function tensors(name: string): Map<string, Float32Array> {
  const bytes = new Uint8Array(readFileSync(`${DIRECTORY}/${name}.safetensors`));
  const start = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let at = start;
  return new Map(
    parseHeader(bytes.subarray(8, start), bytes.length - start, name).map(({ name, byteLength }) => {
      at += byteLength;
      return [name.replace(/^distilbert\./, ''), new Float32Array(bytes.slice(at - byteLength, at).buffer)];
    }),
  );
}

export function reference(task: Task, trained: Trained): Reference {
  return JSON.parse(readFileSync(`${DIRECTORY}/${task}-${trained}.json`, 'utf8'));
}

export function configOf(task: Task): ModelConfig {
  return {
    modelType: 'distilbert',
    vocabSize: 30522,
    dim: 384,
    hiddenDim: 1536,
    heads: 12,
    layers: 6,
    positions: 512,
    activation: 'gelu',
    layerNormEps: 1e-12,
    head: task,
    pooling: 'cls',
    preClassifier: task === 'sequence',
    labels: Array.from({ length: task === 'token' ? 13 : 2 }, (_, i) => `${i}`),
    raw: {},
  };
}

/** All batches as one set, row after row. */
export function encoded(task: Task, { batches }: Reference): EncodedRows {
  const rows = batches.flatMap(({ ids, mask, labels }) =>
    ids.map((row, b) => ({
      ids: row.slice(
        0,
        mask[b].reduce((a, c) => a + c, 0),
      ),
      labels: labels[b],
    })),
  );
  const tokens = rows.map(({ labels }) =>
    task === 'token' ? (labels as number[]).flatMap((label, token) => (label >= 0 ? [token] : [])) : [0],
  );
  const starts = [0];
  for (const { length } of tokens) starts.push(starts[starts.length - 1] + length);
  return {
    readings: rows.map(({ ids }, row) => ({
      ids: Int32Array.from(ids),
      truncated: false,
      ...(task === 'token' ? { firsts: Int32Array.from(tokens[row]) } : {}),
    })),
    truncated: 0,
    starts: Uint32Array.from(starts),
    words: new Uint32Array(starts[starts.length - 1]),
    targets: Int32Array.from(
      rows.flatMap(({ labels }, row) =>
        task === 'token' ? tokens[row].map((token) => (labels as number[])[token]) : [labels as number],
      ),
    ),
  };
}
