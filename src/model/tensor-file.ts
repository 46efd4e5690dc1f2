import { DataError } from '../errors.ts';
import { show } from './json.ts';
import { HEADER_LIMITS, headerMetadata, parseHeader, serializeHeader } from './safetensors.ts';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** A whole safetensors file in memory: its header is checked, its tensors only as they are taken. */
export interface TensorFile {
  metadata: Record<string, string>;
  /**
   * Row-major copies by name.
   *
   * @throws DataError where the file has not exactly the F32 tensors of `shapes`, or a value that is not finite
   */
  tensors(shapes: Shapes): Map<string, Float32Array>;
}

/** A safetensors file of f32 tensors, in the order of `shapes`. */
export function writeTensorFile(
  tensors: ReadonlyMap<string, Float32Array>,
  shapes: Shapes,
  metadata?: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  const infos = Array.from(shapes, ([name, shape]) => ({ name, dtype: 'F32' as const, shape }));
  const data = infos.map(({ name }) => tensors.get(name) as Float32Array);
  const header = serializeHeader(infos, metadata);
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
 * The inverse of {@link writeTensorFile}; the bytes may be anything.
 *
 * @param where for messages
 * @throws DataError where they are no safetensors file
 */
export function readTensorFile(bytes: Uint8Array, where: string): TensorFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? 0n : view.getBigUint64(0, true);
  if (length < 1n || length > Math.min(bytes.length - 8, HEADER_LIMITS.bytes)) {
    throw new DataError(`${where}: expected a safetensors file, got ${bytes.length} other bytes`);
  }
  const start = 8 + Number(length);
  const header = bytes.subarray(8, start);
  const infos = parseHeader(header, bytes.length - start, where);
  return {
    metadata: headerMetadata(header, where),
    tensors(shapes) {
      const tensors = new Map<string, Float32Array>();
      let at = start;
      for (const { name, dtype, shape, byteLength } of infos) {
        const expected = shapes.get(name);
        if (!expected || dtype !== 'F32' || show(shape) !== show(expected)) {
          const wanted = expected ? `F32 ${show(expected)}` : 'no such tensor';
          throw new DataError(`${where}: ${name}: expected ${wanted}, got ${dtype} ${show(shape)}`);
        }
        // A copy by its constructor: `slice` of a Buffer is a view of the whole file.
        const values = new Float32Array(new Uint8Array(bytes.subarray(at, at + byteLength)).buffer);
        const wrong = values.findIndex((value) => !Number.isFinite(value));
        if (wrong >= 0) {
          throw new DataError(`${where}: ${name}: expected finite values, got ${values[wrong]} at index ${wrong}`);
        }
        tensors.set(name, values);
        at += byteLength;
      }
      for (const name of shapes.keys()) {
        if (!tensors.has(name)) throw new DataError(`${where}: ${name}: expected such a tensor, got none`);
      }
      return tensors;
    },
  };
}
