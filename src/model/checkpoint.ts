import { DataError } from '../errors.ts';
import { isPlainFileName } from './file-name.ts';
import { isObject, parseJson, show } from './json.ts';
import { HEADER_LIMITS, readHeader, type TensorInfo } from './safetensors.ts';
import { type ByteReader, expectEnd, type ModelSource, readBytes, readFully } from './source.ts';

/** A tensor at hand: its bytes come next. */
export interface Tensor extends TensorInfo {
  /** Fills `into` with the tensor's next raw bytes (little-endian, row-major); `into` may lie in WASM memory. */
  read(into: Uint8Array): Promise<void>;
}

/** The tensors of one file or of a set of shards, read once from start to end. */
export interface Checkpoint extends AsyncIterable<Tensor> {
  /** All tensors in the order they will come in, known before any data is read. */
  readonly tensors: readonly TensorInfo[];
  close(): Promise<void>;
}

/** Shards are all open at once; real checkpoints have a few dozen. */
const MAX_SHARDS = 256;

/** Bytes passed over at a time where a consumer leaves a tensor unread. */
const SKIP_BYTES = 1 << 16;

/**
 * Opens `<stem>.safetensors`, or else the shards that `<stem>.safetensors.index.json` names, and checks their headers.
 *
 * @throws DataError where neither exists or a header or the index is invalid
 */
export async function openCheckpoint(source: ModelSource, stem: 'model' | 'encoder' | 'head'): Promise<Checkpoint> {
  const file = `${stem}.safetensors`;
  const reader = await source.open(file);
  if (reader) return checkpointOf([await openShard(reader, file)]);

  const indexFile = `${file}.index.json`;
  const index = await readBytes(source, indexFile, HEADER_LIMITS.bytes);
  if (!index) throw new DataError(`${source.name}: expected ${file} or ${indexFile}, got neither`);
  return openShards(source, indexFile, parseJson(index, indexFile));
}

interface Shard {
  reader: ByteReader;
  tensors: TensorInfo[];
}

async function openShard(reader: ByteReader, file: string): Promise<Shard> {
  try {
    return { reader, tensors: await readHeader(reader, file) };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** Every tensor must lie in the one shard that the index names for it. */
async function openShards(source: ModelSource, indexFile: string, index: unknown): Promise<Checkpoint> {
  const weightMap = isObject(index) ? index.weight_map : undefined;
  if (!isObject(weightMap)) throw new DataError(`${indexFile}: weight_map: expected an object, got ${show(weightMap)}`);
  const files = new Set<string>();
  for (const file of Object.values(weightMap)) {
    if (!isPlainFileName(file) || !file.endsWith('.safetensors')) {
      throw new DataError(`${indexFile}: expected plain names of .safetensors files, got ${show(file)}`);
    }
    files.add(file);
  }
  if (files.size > MAX_SHARDS) {
    throw new DataError(`${indexFile}: expected at most ${MAX_SHARDS} shards, got ${files.size}`);
  }

  const shards: Shard[] = [];
  try {
    for (const file of files) {
      const reader = await source.open(file);
      if (!reader) throw new DataError(`${indexFile}: expected the shard ${file}, got no such file`);
      shards.push(await openShard(reader, file));
    }
    checkIndex(indexFile, index as Record<string, unknown>, weightMap, shards);
  } catch (error) {
    for (const { reader } of shards) await reader.close();
    throw error;
  }
  return checkpointOf(shards);
}

function checkIndex(
  indexFile: string,
  index: Record<string, unknown>,
  weightMap: Record<string, unknown>,
  shards: Shard[],
): void {
  const tensors = shards.flatMap((shard) => shard.tensors);
  const found = new Set<string>();
  for (const { name, file } of tensors) {
    if (found.has(name)) throw new DataError(`${indexFile}: ${name}: expected in one shard, got a second in ${file}`);
    found.add(name);
    if (!Object.hasOwn(weightMap, name)) {
      throw new DataError(`${indexFile}: ${name}: expected in weight_map as it is in ${file}, got no such key`);
    }
    const named = weightMap[name];
    if (named !== file) throw new DataError(`${indexFile}: ${name}: expected in ${show(named)}, got in ${file}`);
  }
  for (const [name, file] of Object.entries(weightMap)) {
    if (!found.has(name)) throw new DataError(`${indexFile}: ${show(name)}: expected in ${file}, got no such tensor`);
  }
  const stated = isObject(index.metadata) ? index.metadata.total_size : undefined;
  const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (stated !== undefined && stated !== total) {
    throw new DataError(`${indexFile}: total_size: expected ${total}, got ${show(stated)}`);
  }
}

function checkpointOf(shards: readonly Shard[]): Checkpoint {
  return {
    tensors: shards.flatMap((shard) => shard.tensors),
    async *[Symbol.asyncIterator]() {
      for (const { reader, tensors } of shards) {
        for (const info of tensors) {
          let left = info.byteLength;
          const read = async (into: Uint8Array): Promise<void> => {
            if (into.length > left) {
              throw new RangeError(`${info.name}: expected a read of at most ${left} bytes, got ${into.length}`);
            }
            left -= into.length;
            await readFully(reader, into);
          };
          yield { ...info, read };
          const scratch = new Uint8Array(Math.min(left, SKIP_BYTES));
          while (left > 0) await read(scratch.subarray(0, Math.min(left, scratch.length)));
        }
        // A stream can be longer than its header says; of a file, its length has told.
        if (reader.size === undefined) await expectEnd(reader);
      }
    },
    async close() {
      for (const { reader } of shards) await reader.close();
    },
  };
}
