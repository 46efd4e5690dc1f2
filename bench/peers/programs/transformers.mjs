// transformers.mjs <directory of the model> <node_modules> <native|wasm>: transformers.js with its q8 file on one thread; native is what it
// takes in Node by itself, wasm its own onnxruntime-web in place of that, handed over by the symbol that it looks for.
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { answer } from './answer.mjs';
import { padded } from './padded.mjs';

const [directory, modules, engine] = process.argv.slice(2);
const { resolve } = createRequire(`${modules}/`);
if (engine === 'wasm') {
  const web = pathToFileURL(`${modules}/onnxruntime-web/dist/ort.node.min.mjs`);
  const ort = await import(web);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL('.', web).href; // else it asks a CDN
  globalThis[Symbol.for('onnxruntime')] = ort;
}
const entry = resolve('@huggingface/transformers').replace(/\.cjs$/, '.mjs');
const { AutoModelForSequenceClassification, Tensor, env } = await import(pathToFileURL(entry));
env.allowRemoteModels = false;
env.localModelPath = dirname(directory);
const model = await AutoModelForSequenceClassification.from_pretrained(basename(directory), {
  dtype: 'q8',
  device: engine === 'wasm' ? 'auto' : 'cpu',
  session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
});
await answer(async (batch) => (await model(padded(batch, Tensor))).logits.data);
