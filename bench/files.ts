import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const shared = `${root}../shared`;
const made = `${root}build/bench`;

/** One model in the form that each engine takes. */
export interface BenchModel {
  /** ONNX files of the same weights, the first in int8. */
  onnx: string;
  fp32: string;
  /** Directory as transformers.js takes it, its q8 file being `onnx`. */
  hub: string;
  /** Directory as transformers takes it. */
  source: string;
  /** Directory as bertwasm takes it. */
  own: string;
}

/** What bench/models/make.py and `bertwasm quantize` make. */
export const models = {
  base: forms('distilbert-base', `${made}/distilbert-base`),
  /** A checkpoint of the default model's shape. */
  sst2: forms('sst2-minilm', `${shared}/models/sst2-minilm`),
};
export const sentencesFile = `${shared}/data/sst2/dev.tsv`;
export const reviewsFile = `${shared}/data/imdb/mini.jsonl`;
export const resultsFile = `${made}/results.json`;
export const python = `${root}.venv/bin/python`;
export const peerModules = `${made}/peers/node_modules`;

/** Makes the model files that are not there yet. */
export function makeModels(): void {
  const all = Object.values(models);
  const needed = all.flatMap(({ onnx, fp32, hub, source }) => [onnx, fp32, hub, source]);
  if (!needed.every(existsSync)) command('npm', ['run', 'bench:models']);
  for (const { source, own } of all) {
    if (!existsSync(own)) command(process.execPath, [`${root}dist/node/main.js`, 'quantize', source, '--out', own]);
  }
}

/**
 * Installs the peers that are no dependency of the repository, without their install scripts, which load CUDA libraries. Where
 * that fails they are left out.
 */
export function installPeers(): void {
  if (existsSync(`${peerModules}/@huggingface/transformers`)) return;
  const directory = `${made}/peers`;
  mkdirSync(directory, { recursive: true });
  copyFileSync(`${root}bench/peers/package.json`, `${directory}/package.json`);
  try {
    command('npm', ['install', '--prefix', directory, '--ignore-scripts', '--no-audit', '--no-fund']);
  } catch (error) {
    console.error((error as Error).message);
  }
}

function forms(name: string, source: string): BenchModel {
  return {
    onnx: `${made}/${name}.onnx`,
    fp32: `${made}/${name}.fp32.onnx`,
    hub: `${made}/hub/${name}`,
    source,
    own: `${made}/${name}-q8`,
  };
}

function command(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: expected exit code 0, got ${status ?? error}`);
}
