import type { Model } from '../engine/model.ts';
import type { ModelConfig } from '../model/config.ts';
import { hiddenGraph } from '../ort/evaluation.ts';
import { encodeModel, type OnnxGraph } from '../ort/onnx.ts';
import { parametersOf, turned } from '../ort/parameters.ts';
import { Session, type Tensor } from '../ort/session.ts';

/**
 * What one path computes of a sequence, in the order in which it is computed: `hidden:0` (the embeddings) to `hidden:<layers>`, f32 [T, D]; `logits`; and where
 * they are asked for the inputs of linear layers, `input:<name>`.
 */
export type Outputs = ReadonlyMap<string, Float32Array>;

/** One of two paths that are held against each other. */
export interface Side {
  run(ids: readonly number[]): Promise<Outputs>;
  close(): Promise<void>;
}

/** The WASM engine, quantised or in f32. */
export function engineSide(model: Model): Side {
  const { dim: D, layers } = model.config;
  return {
    async run(ids) {
      const outputs = new Map<string, Float32Array>();
      model.observeInputs(ids, (input, rows) => outputs.set(`input:${input}`, rows.slice()));
      const [states] = model.tokenFeatures([ids], 'layers');
      const P = D * (layers + 1);
      for (let layer = 0; layer <= layers; layer++) {
        const values = new Float32Array(ids.length * D);
        for (let t = 0; t < ids.length; t++) {
          values.set(states.subarray(t * P + layer * D, t * P + (layer + 1) * D), t * D);
        }
        outputs.set(`hidden:${layer}`, values);
      }
      const { head } = model.config;
      if (head === 'sequence') outputs.set('logits', model.logits([ids]));
      if (head === 'token') outputs.set('logits', model.tokenLogits([ids])[0]);
      return outputs;
    },
    async close() {},
  };
}

/**
 * The exact q8 graph.
 *
 * @param graph of `q8Graph`
 * @param tensors of `q8Tensors`
 */
export async function q8Side(graph: OnnxGraph, tensors: ReadonlyMap<string, Tensor>): Promise<Side> {
  // Anything that fuses nodes would change the order of operations.
  const session = await Session.create(encodeModel(graph), { device: 'cpu', optimization: 'none' });
  for (const { name } of graph.inputs) {
    if (name !== 'ids') await session.write(name, tensors.get(name) as Tensor);
  }
  const names = graph.outputs.map(({ name }) => name).filter((name) => !name.startsWith('quantised:'));
  return graphSide(session, names, (ids) => ({ ids: integers([ids.length], ids) }));
}

/** The fp32 graph of the encoder, as onnxruntime's own kernels compute it. */
export async function fp32Side(config: ModelConfig, weights: ReadonlyMap<string, Float32Array>): Promise<Side> {
  const graph = hiddenGraph(config);
  const session = await Session.create(encodeModel(graph), { device: 'cpu' });
  for (const { name, shape, transposed } of parametersOf({ ...config, head: 'none' })) {
    const values = weights.get(name) as Float32Array;
    const data = transposed ? turned(values, shape[1], shape[0]) : values;
    await session.write(name, { type: 'float32', shape, data });
  }
  const names = graph.outputs.map(({ name }) => name);
  return graphSide(session, names, (ids) => ({
    ids: integers([1, ids.length], ids),
    mask: integers(
      [1, ids.length],
      ids.map(() => 1),
    ),
    positions: integers([ids.length], Array.from(ids.keys())),
  }));
}

function graphSide(
  session: Session,
  names: readonly string[],
  feeds: (ids: readonly number[]) => Record<string, Tensor>,
): Side {
  return {
    async run(ids) {
      const results = await session.run(feeds(ids), names);
      return new Map(names.map((name) => [name, results[name].data as Float32Array]));
    },
    close: () => session.dispose(),
  };
}

function integers(shape: readonly number[], values: readonly number[]): Tensor {
  return { type: 'int64', shape, data: BigInt64Array.from(values, BigInt) };
}
