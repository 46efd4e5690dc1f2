import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const shared = `${root}../shared`;
const made = `${root}build/bench`;

/** What bench/models/make.py and `bertwasm quantize` make; `own` is what bertwasm loads, here or as a package. */
export const models = {
  base: { onnx: `${made}/distilbert-base.onnx`, source: `${made}/distilbert-base`, own: `${made}/distilbert-base-q8` },
  /** The default model, and the checkpoint it was made from. */
  sst2: { onnx: `${made}/sst2-minilm.onnx`, own: 'bertwasm-sentiment' },
};
export const sentencesFile = `${shared}/data/sst2/dev.tsv`;
export const resultsFile = `${made}/results.json`;

/** Makes the model files that are not there yet. */
export function makeModels(): void {
  const { base, sst2 } = models;
  if (![base.onnx, base.source, sst2.onnx].every(existsSync)) command('npm', ['run', 'bench:models']);
  if (!existsSync(base.own)) {
    command(process.execPath, [`${root}dist/cli/main.js`, 'quantize', base.source, '--out', base.own]);
  }
}

function command(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: expected exit code 0, got ${status ?? error}`);
}
