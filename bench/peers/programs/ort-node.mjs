// ort-node.mjs <ONNX file> <threads>: native code on the CPU, every graph optimisation on.
import * as ort from 'onnxruntime-node';
import { answer } from './answer.mjs';
import { padded } from './padded.mjs';

const [file, threads] = process.argv.slice(2);
const session = await ort.InferenceSession.create(file, {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
});
await answer(async (batch) => (await session.run(padded(batch, ort.Tensor))).logits.data);
