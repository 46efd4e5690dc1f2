// ort-web.mjs <ONNX file> <threads>: the WASM back end, every graph optimisation on.
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { answer } from './answer.mjs';
import { padded } from './padded.mjs';

const [file, threads] = process.argv.slice(2);
ort.env.wasm.numThreads = Number(threads);
// From a buffer: by path it takes as long and 50 MB more.
const session = await ort.InferenceSession.create(readFileSync(file), {
  executionProviders: ['wasm'],
  graphOptimizationLevel: 'all',
});
await answer(async (batch) => (await session.run(padded(batch, ort.Tensor))).logits.data);
