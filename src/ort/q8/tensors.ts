import { canonicalTensors } from '../../model/bert.ts';
import type { ModelConfig } from '../../model/config.ts';
import { readFloats } from '../../model/floats.ts';
import type { ModelSource } from '../../model/source.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Every tensor of a model in our own form by its canonical name, as {@link q8Graph} takes them.
 *
 * @throws DataError where the files do not fit the config or hold invalid values
 */
export async function q8Tensors(source: ModelSource, config: ModelConfig): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for await (const tensor of canonicalTensors(source, config)) {
    const { name, shape, dtype, byteLength } = tensor;
    if (dtype === 'I8' || dtype === 'I64') {
      const bytes = new Uint8Array(byteLength);
      await tensor.read(bytes);
      const { buffer } = bytes;
      tensors.set(
        name,
        dtype === 'I8'
          ? { type: 'int8', shape, data: new Int8Array(buffer) }
          : { type: 'int64', shape, data: new BigInt64Array(buffer) },
      );
    } else {
      tensors.set(name, { type: 'float32', shape, data: await readFloats(tensor) });
    }
  }
  return tensors;
}
