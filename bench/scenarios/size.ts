import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { peerModules, root } from '../files.ts';
import { BASE, ORT_WEB, TRANSFORMERS_WASM } from '../peers/names.ts';
import { resultOf } from '../results.ts';
import { gzipBytes } from '../size/bundle.ts';
import type { Scenario } from './scenario.ts';

/** What transformers.js loads in a page beside its own script. */
const TRANSFORMERS = [
  '@huggingface/transformers/dist/transformers.web.min.js',
  'onnxruntime-web/dist/ort.webgpu.min.mjs',
  'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs',
  'onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm',
];

/** JavaScript and WASM of a page that predicts, gzip -9, as `npm run size` measures them. */
export async function size(): Promise<Scenario> {
  // Exit code 1: over one of its own budgets.
  const { stdout, status } = spawnSync(process.execPath, [`${root}bench/size/main.ts`, '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
  if (!stdout) throw new Error(`bench/size: expected a document, got none and exit code ${status}`);
  const { bundles, onnxruntimeWeb } = JSON.parse(stdout);
  const bytes = new Map<string, number>([
    [ORT_WEB, onnxruntimeWeb],
    [BASE, bundles[0].total],
  ]);
  if (existsSync(peerModules)) {
    const total = TRANSFORMERS.map((file) => gzipBytes(`${peerModules}/${file}`)).reduce((a, b) => a + b);
    bytes.set(TRANSFORMERS_WASM, total);
  }
  const kilobytes = new Map(Array.from(bytes, ([name, value]) => [name, [value / 1000]]));
  return {
    results: [resultOf('js + wasm of a page, gzip', kilobytes, { base: { most: 40 } }, 'kB')],
    absent: new Map(),
  };
}
