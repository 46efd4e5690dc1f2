import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { encodeModel, type OnnxGraph } from '../../src/ort/onnx.ts';
import type { Tensor } from '../../src/ort/tensor.ts';

export type Run = (feeds: Readonly<Record<string, Tensor>>) => Promise<Record<string, Float32Array>>;

/** A session for a graph without any of what src/ort/session.ts does: on this thread, all its outputs copied. */
export async function openGraph(
  graph: OnnxGraph,
  {
    threads = 1,
    externalData = [] as { path: string; data: Uint8Array }[],
    optimization = 'basic' as 'basic' | 'disabled',
  } = {},
): Promise<Run> {
  const session = await InferenceSession.create(encodeModel(graph), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: optimization,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    externalData,
    logSeverityLevel: 3,
  });
  return async (feeds) => {
    const tensors = Object.entries(feeds).map(
      ([name, { type, shape, data }]) =>
        [name, new OrtTensor(type as 'float32', data as Float32Array, [...shape])] as const,
    );
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
  };
}
