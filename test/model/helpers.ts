import { canonicalTensors } from '../../src/model/bert.ts';
import { loadConfig } from '../../src/model/config.ts';
import { isFloat, readFloats } from '../../src/model/floats.ts';
import type { ModelSource } from '../../src/model/source.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import type { Files } from '../fixtures/tiny-model.ts';

/** Reads a model whole, as the engine does: canonical name to bytes, float tensors as f32. */
export async function readModel(model: ModelSource | Files): Promise<Map<string, Uint8Array>> {
  const source = typeof model.open === 'function' ? (model as ModelSource) : bytesSource('model', model as Files);
  const tensors = new Map<string, Uint8Array>();
  for await (const tensor of canonicalTensors(source, await loadConfig(source))) {
    if (isFloat(tensor.dtype)) {
      tensors.set(tensor.name, new Uint8Array((await readFloats(tensor)).buffer));
    } else {
      const bytes = new Uint8Array(tensor.byteLength);
      await tensor.read(bytes);
      tensors.set(tensor.name, bytes);
    }
  }
  return tensors;
}

/** The error that a call throws or rejects with. */
export async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error, got none');
}
