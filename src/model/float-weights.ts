import { DataError } from '../errors.ts';
import { canonicalTensors } from './bert.ts';
import type { Tensor } from './checkpoint.ts';
import type { ModelConfig } from './config.ts';
import { readFloats } from './floats.ts';
import type { ModelSource } from './source.ts';

/**
 * Every tensor of a model in f32, by canonical name and as Hugging Face lays it. Of our own form it is what the integers mean: q times
 * the scale of its row, and the outlier columns as they are.
 *
 * @throws DataError where the checkpoint is invalid
 */
export async function floatWeights(source: ModelSource, config: ModelConfig): Promise<Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  const integers = new Map<string, Int8Array>();
  const columns = new Map<string, BigInt64Array>();
  for await (const tensor of canonicalTensors(source, config)) {
    if (tensor.dtype === 'I8') integers.set(tensor.name, new Int8Array((await bytesOf(tensor)).buffer));
    else if (tensor.dtype === 'I64') columns.set(tensor.name, new BigInt64Array((await bytesOf(tensor)).buffer));
    else weights.set(tensor.name, await readFloats(tensor));
  }
  for (const [name, values] of integers) {
    const [scale, outliers] = ['scale', 'outliers'].map((part) => taken(weights, `${name}.${part}`));
    const kept = columns.get(`${name}.outlier_columns`) ?? [];
    const floats = dequantized(values, scale as Float32Array, Array.from(kept, Number), outliers);
    if (!floats.every(Number.isFinite)) {
      throw new DataError(`${source.name}: ${name}: expected finite weights, got scales beyond f32`);
    }
    weights.set(name, floats);
  }
  return weights;
}

function dequantized(
  values: Int8Array,
  scale: Float32Array,
  columns: readonly number[],
  outliers: Float32Array | undefined,
): Float32Array {
  const width = values.length / scale.length;
  const result = new Float32Array(values.length);
  for (let row = 0; row < scale.length; row++) {
    for (let k = 0; k < width; k++) result[row * width + k] = values[row * width + k] * scale[row];
    for (const [c, column] of columns.entries()) {
      result[row * width + column] = (outliers as Float32Array)[row * columns.length + c];
    }
  }
  return result;
}

async function bytesOf(tensor: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(tensor.byteLength);
  await tensor.read(bytes);
  return bytes;
}

function taken(weights: Map<string, Float32Array>, name: string): Float32Array | undefined {
  const values = weights.get(name);
  weights.delete(name);
  return values;
}
