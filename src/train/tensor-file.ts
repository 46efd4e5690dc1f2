import { DataError } from '../errors.ts';
import { show } from '../model/json.ts';
import { HEADER_LIMITS, parseHeader, serializeHeader } from '../model/safetensors.ts';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** A safetensors file of f32 tensors, in the order of `shapes`. */
export function tensorFile(tensors: ReadonlyMap<string, Float32Array>, shapes: Shapes): Uint8Array {
  const header = serializeHeader(Array.from(shapes, ([name, shape]) => ({ name, dtype: 'F32' as const, shape })));
  const data = Array.from(shapes.keys(), (name) => tensors.get(name) as Float32Array);
  const file = new Uint8Array(data.reduce((sum, { byteLength }) => sum + byteLength, header.length));
  file.set(header);
  let at = header.length;
  for (const { buffer, byteOffset, byteLength } of data) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

/**
 * The inverse of {@link tensorFile}.
 *
 * @param where for messages
 * @throws DataError where the file has not exactly the tensors of `shapes`, or a value that is not finite
 */
export function readTensorFile(bytes: Uint8Array, shapes: Shapes, where: string): Map<string, Float32Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? 0n : view.getBigUint64(0, true);
  if (length < 1n || length > Math.min(bytes.length - 8, HEADER_LIMITS.bytes)) {
    throw new DataError(`${where}: expected a safetensors file, got ${bytes.length} other bytes`);
  }
  let at = 8 + Number(length);
  const tensors = new Map<string, Float32Array>();
  for (const { name, dtype, shape, byteLength } of parseHeader(bytes.subarray(8, at), bytes.length - at, where)) {
    const expected = shapes.get(name);
    if (!expected || dtype !== 'F32' || show(shape) !== show(expected)) {
      const wanted = expected ? `F32 ${show(expected)}` : 'no such tensor';
      throw new DataError(`${where}: ${name}: expected ${wanted}, got ${dtype} ${show(shape)}`);
    }
    const values = new Float32Array(bytes.slice(at, at + byteLength).buffer);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new DataError(`${where}: ${name}: expected finite values, got ${values[wrong]} at ${wrong}`);
    tensors.set(name, values);
    at += byteLength;
  }
  for (const name of shapes.keys()) {
    if (!tensors.has(name)) throw new DataError(`${where}: ${name}: expected such a tensor, got none`);
  }
  return tensors;
}
