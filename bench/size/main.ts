// npm run size [-- --json]
// What a page or a Worker ships, as vite and wrangler bundle it: JavaScript and one build of the kernels, gzip -9. Exit code 1 over a
// budget.
import { parseArgs } from 'node:util';
import { BUDGETS, PREDICTING_PAGE } from '../../test/footprint/budgets.ts';
import { root } from '../files.ts';
import { gzipBytes, vitePage, wranglerWorker } from './bundle.ts';

const { values: options } = parseArgs({ options: { json: { type: 'boolean' } } });

const training = `import { Head, pipeline, trainHead } from 'bertwasm';
const classify = await pipeline('text-classification', '/model');
globalThis.train = async (rows) => classify.use((await trainHead(rows, { encoder: classify })).head);
globalThis.load = (bytes) => classify.use(Head.load(bytes));`;

/** Budgets in kB of 1,000 bytes. */
const BUNDLES = [
  { name: 'a page that predicts (vite)', budget: BUDGETS.page / 1000, bundle: () => vitePage(PREDICTING_PAGE) },
  { name: 'a page that retrains too (vite)', budget: 55, bundle: () => vitePage(training) },
  { name: 'a Worker that does both (wrangler)', budget: 60, bundle: wranglerWorker },
];

const rows: { name: string; js: number; wasm: number; total: number; budget: number; passed: boolean }[] = [];
for (const { name, budget, bundle } of BUNDLES) {
  const { js, wasm } = await bundle();
  const total = js + wasm;
  rows.push({ name, js, wasm, total, budget: budget * 1000, passed: total <= budget * 1000 });
}
/** The smallest that onnxruntime-web ships for WASM alone. */
const peer = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']
  .map((file) => gzipBytes(`${root}node_modules/onnxruntime-web/dist/${file}`))
  .reduce((a, b) => a + b);
const passed = rows.every((row) => row.passed);

if (options.json) {
  console.log(JSON.stringify({ bundles: rows, onnxruntimeWeb: peer, passed }, null, 2));
} else {
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
  for (const { name, js, wasm, total, budget, passed } of rows) {
    const verdict = `${passed ? 'within' : 'OVER'} ${budget / 1000} kB`;
    console.log(`${name.padEnd(36)} js ${kB(js)}, wasm ${kB(wasm)}, in all ${kB(total)}, ${verdict}`);
  }
  console.log(`${'onnxruntime-web'.padEnd(36)} ${''.padEnd(28)} in all ${kB(peer)}`);
}
process.exitCode = passed ? 0 : 1;
