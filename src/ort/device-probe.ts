/*
 * Run as a program: exits 0 where a session on CUDA can be had, with no part of it on the CPU. A process of its own, since
 * ONNX Runtime tells the cause of a failure on stderr alone, and since a broken driver may take the process down.
 */
import { Graph } from './graph.ts';
import { encodeModel } from './onnx.ts';
import { loadRuntime } from './runtime.ts';

const graph = new Graph();
const x = graph.input('x', 'float32', [2]);
graph.output('y', graph.node('Add', [x, x], [2]));
const model = encodeModel(graph.finish('probe'));

try {
  const { InferenceSession, Tensor } = await loadRuntime();
  const session = await InferenceSession.create(model, {
    executionProviders: ['cuda'],
    extra: { session: { disable_cpu_ep_fallback: '1' } },
  });
  await session.run({ x: new Tensor('float32', Float32Array.of(1, 2), [2]) });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
