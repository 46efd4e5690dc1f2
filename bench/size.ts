// npm run size [-- --json]
// What an app ships: the core entry, bundled and minified, and one build of the kernels. Exit code 1 over the limit.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './files.ts';

/** kB of 1,000 bytes, gzip -9: JavaScript and the larger of the two builds. */
const LIMIT = 60;

const { values: options } = parseArgs({ options: { json: { type: 'boolean' } } });
const { outputFiles } = await build({
  entryPoints: [`${root}dist/platform/web.js`],
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  write: false,
});
const files = {
  'core entry, js': outputFiles[0].contents,
  'base.wasm': readFileSync(`${root}dist/base.wasm`),
  'relaxed.wasm': readFileSync(`${root}dist/relaxed.wasm`),
};
const sizes = Object.entries(files).map(([file, bytes]) => ({
  file,
  bytes: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
}));
/** The smallest that onnxruntime-web ships for WASM alone. */
const peer = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']
  .map((file) => gzipSync(readFileSync(`${root}node_modules/onnxruntime-web/dist/${file}`), { level: 9 }).length)
  .reduce((a, b) => a + b);
const [js, ...builds] = sizes.map(({ gzip }) => gzip);
const shipped = js + Math.max(...builds);
const passed = shipped <= LIMIT * 1000;

if (options.json) {
  console.log(
    JSON.stringify(
      { files: sizes, shippedGzip: shipped, limit: LIMIT * 1000, passed, onnxruntimeWebGzip: peer },
      null,
      2,
    ),
  );
} else {
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
  for (const { file, bytes, gzip } of sizes) console.log(`${file.padEnd(20)} ${kB(bytes)}  gzip ${kB(gzip)}`);
  console.log(
    `${'js + one wasm'.padEnd(20)} ${''.padEnd(9)}  gzip ${kB(shipped)}, ${passed ? 'within' : 'OVER'} ${LIMIT} kB`,
  );
  console.log(`${'onnxruntime-web'.padEnd(20)} ${''.padEnd(9)}  gzip ${kB(peer)}`);
}
process.exitCode = passed ? 0 : 1;
