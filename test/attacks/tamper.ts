import { createHash } from 'node:crypto';
import { openCheckpoint } from '../../src/model/checkpoint.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import {
  concat,
  type Files,
  type FileTensor,
  json,
  safetensorsFile,
  tinyModel,
  tinyOwnModel,
  tinyTensors,
  utf8,
} from '../fixtures/tiny-model.ts';

/*
 * Ways to spoil the tiny model. Each gives the files of a model that is valid but for what the caller changes.
 */

export type Json = Record<string, unknown>;

export const parse = (bytes: Uint8Array): Json => JSON.parse(new TextDecoder().decode(bytes));

/** Hugging Face's form with config.json changed. */
export function withConfig(change: Json): Files {
  const files = tinyModel();
  return { ...files, 'config.json': json({ ...parse(files['config.json']), ...change }) };
}

/** Hugging Face's form with its tensors changed. */
export function withTensors(edit: (tensors: FileTensor[]) => FileTensor[], files = tinyModel()): Files {
  return { ...files, 'model.safetensors': safetensorsFile(edit(tinyTensors())) };
}

/** Hugging Face's form with other bytes for model.safetensors. */
export function withFile(edit: (bytes: Uint8Array) => Uint8Array): Files {
  const files = tinyModel();
  return { ...files, 'model.safetensors': edit(files['model.safetensors']) };
}

/** Hugging Face's form whose model.safetensors has this header and zeros for data. */
export function withHeader(header: Json | string | Uint8Array, dataLength: number): Files {
  const bytes = header instanceof Uint8Array ? header : typeof header === 'string' ? utf8(header) : json(header);
  return withFile(() => concat([headerLength(BigInt(bytes.length)), bytes, new Uint8Array(dataLength)]));
}

export function headerLength(length: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

/** One tensor replaced. */
export function replace(name: string, change: (tensor: FileTensor) => Partial<FileTensor>) {
  return (tensors: FileTensor[]): FileTensor[] => {
    if (!tensors.some((tensor) => tensor.name === name)) throw new Error(`${name}: expected in the model, got none`);
    return tensors.map((tensor) => (tensor.name === name ? { ...tensor, ...change(tensor) } : tensor));
  };
}

/** One element of an f32 tensor replaced. */
export function setFloat(name: string, index: number, value: number) {
  return setFloats(name, index, value, 1);
}

/** `count` elements of an f32 tensor from `first` on, by default all the rest, replaced by one value. */
export function setFloats(name: string, first: number, value: number, count?: number) {
  return replace(name, ({ bytes }) => {
    const values = new Float32Array(bytes.slice().buffer);
    values.fill(value, first, count === undefined ? undefined : first + count);
    return { bytes: new Uint8Array(values.buffer) };
  });
}

/** One tensor's i64 elements replaced. */
export function setColumns(name: string, columns: bigint[]) {
  return replace(name, () => ({ bytes: new Uint8Array(BigInt64Array.from(columns).buffer) }));
}

/** Our own form with its encoder's tensors changed and a manifest that agrees, so that deeper checks are reached. */
export async function withEncoder(edit: (tensors: FileTensor[]) => FileTensor[]): Promise<Files> {
  const files = await tinyOwnModel();
  const tensors: FileTensor[] = [];
  for await (const tensor of await openCheckpoint(bytesSource('own', files), 'encoder')) {
    const bytes = new Uint8Array(tensor.byteLength);
    await tensor.read(bytes);
    tensors.push({ name: tensor.name, dtype: tensor.dtype, shape: tensor.shape, bytes });
  }
  const encoder = safetensorsFile(edit(tensors));
  const entry = { size: encoder.length, sha256: createHash('sha256').update(encoder).digest('hex') };
  return withManifest(
    (manifest) => ({ ...manifest, files: { ...(manifest.files as Json), 'encoder.safetensors': entry } }),
    { ...files, 'encoder.safetensors': encoder },
  );
}

/** Our own form with its manifest changed. */
export async function withManifest(edit: (manifest: Json) => Json, files?: Files): Promise<Files> {
  const own = files ?? (await tinyOwnModel());
  const config = parse(own['config.json']);
  return { ...own, 'config.json': json({ ...config, bertwasm: edit(config.bertwasm as Json) }) };
}

/** Shards with their index changed. */
export function withIndex(files: Files, edit: (index: { metadata: Json; weight_map: Json }) => unknown): Files {
  const name = 'model.safetensors.index.json';
  return { ...files, [name]: json(edit(parse(files[name]) as { metadata: Json; weight_map: Json })) };
}
