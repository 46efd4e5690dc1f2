import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web';
import type { Peer } from './peer.ts';

export const ortVersion = ort.env.versions.web ?? 'unknown';

/** onnxruntime-web's WASM back end on one thread, every graph optimisation on. */
export async function loadOrtWeb(onnxFile: string): Promise<Peer> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await readFile(onnxFile), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  return {
    async logits(batch) {
      const results = await session.run(padded(batch));
      return results.logits.data as Float32Array;
    },
  };
}

/** ids and mask [B, T] of the longest sequence's T, as every ONNX export takes a batch. */
function padded(batch: readonly Int32Array[]): Record<string, ort.Tensor> {
  const shape = [batch.length, Math.max(...batch.map((ids) => ids.length))];
  const ids = new BigInt64Array(shape[0] * shape[1]);
  const mask = new BigInt64Array(ids.length);
  batch.forEach((sequence, b) => {
    const start = b * shape[1];
    for (let t = 0; t < sequence.length; t++) ids[start + t] = BigInt(sequence[t]);
    mask.fill(1n, start, start + sequence.length);
  });
  return { input_ids: new ort.Tensor('int64', ids, shape), attention_mask: new ort.Tensor('int64', mask, shape) };
}
