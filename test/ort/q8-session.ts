import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { encodeModel, type OnnxGraph } from '../../src/ort/onnx.ts';
import type { Tensor, TensorData } from '../../src/ort/tensor.ts';

/** Outputs by name, in the order of the graph's. */
export type Outputs = Map<string, TensorData>;

/** A graph on onnxruntime's CPU provider, nothing of it fused. It takes what it needs of the tensors, by name. */
export async function openGraph(graph: OnnxGraph): Promise<(tensors: ReadonlyMap<string, Tensor>) => Promise<Outputs>> {
  const session = await InferenceSession.create(encodeModel(graph), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  return async (tensors) => {
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name }) => {
        const tensor = tensors.get(name);
        if (!tensor) throw new Error(`${name}: expected a tensor of that name, got none`);
        return [name, new OrtTensor(tensor.type as 'float32', tensor.data as Float32Array, [...tensor.shape])];
      }),
    );
    const results = await session.run(feeds);
    return new Map(graph.outputs.map(({ name }) => [name, results[name].data as TensorData]));
  };
}
