import { DataError } from '../errors.ts';
import { type Checkpoint, openCheckpoint, type Tensor } from './checkpoint.ts';
import type { ModelConfig } from './config.ts';
import { isFloat, readFloats } from './floats.ts';
import { show } from './json.ts';
import { canonicalName, encoderLinears, expectedTensors, type Shape, TOKEN_TYPES } from './names.ts';
import type { TensorInfo } from './safetensors.ts';
import type { ModelSource } from './source.ts';

/** A tensor under its canonical name. */
export type CanonicalTensor = Tensor;

const POSITIONS = 'embeddings.position_embeddings.weight';

/**
 * Every tensor that `expectedTensors(config)` lists, once, under its canonical name, in the order of the files. Names,
 * shapes and element types are checked before any data is read; scales are finite and above 0, outlier columns are
 * ascending, in range and the same for q, k and v. Float tensors are checked for finite values by `readFloats`.
 *
 * A BERT checkpoint is converted: row 0 of its token types, which every token of a single text has, is added to each
 * position's row in f32 (transformers sums the three embeddings, so results agree to rounding), the pooler dropped.
 *
 * @throws DataError naming the tensor that is missing, unexpected, misshapen or holds an invalid value
 */
export async function* canonicalTensors(source: ModelSource, config: ModelConfig): AsyncGenerator<CanonicalTensor> {
  const checkpoints: Checkpoint[] = [];
  try {
    if (config.bertwasm) {
      checkpoints.push(await openCheckpoint(source, 'encoder'));
      if (config.head !== 'none') checkpoints.push(await openCheckpoint(source, 'head'));
    } else {
      checkpoints.push(await openCheckpoint(source, 'model'));
    }
    const names = checkTensors(
      checkpoints.flatMap(({ tensors }) => tensors),
      config,
    );
    const tensors = renamed(checkpoints, names);
    if (config.bertwasm) yield* checkedOutliers(tensors, config);
    else if (config.modelType === 'bert') yield* foldedTokenTypes(tensors);
    else yield* tensors;
  } finally {
    for (const checkpoint of checkpoints) await checkpoint.close();
  }
}

/** Checks what the headers say against what the model needs; gives the canonical name of each tensor to be read. */
function checkTensors(tensors: readonly TensorInfo[], config: ModelConfig): Map<string, string> {
  const missing = expectedTensors(config);
  if (config.modelType === 'bert') missing.set(TOKEN_TYPES, tokenTypesShape(config));
  const quantised = new Set(
    config.bertwasm && ['embeddings.word_embeddings', ...encoderLinears(config).map(({ name }) => name)],
  );

  const names = new Map<string, string>();
  const seen = new Set<string>();
  for (const tensor of tensors) {
    const name = canonicalName(tensor.name, config.modelType);
    if (name === undefined) continue;
    if (seen.has(name)) throw new DataError(`${tensor.file}: ${tensor.name}: expected ${name} once, got it twice`);
    const shape = missing.get(name);
    if (!shape) throw new DataError(`${tensor.file}: ${tensor.name}: expected a tensor of the model, got another`);
    checkTensor(tensor, shape, dtypeOf(name, quantised));
    seen.add(name);
    missing.delete(name);
    names.set(tensor.name, name);
  }
  for (const name of missing.keys()) {
    throw new DataError(`${name}: expected in the checkpoint, got ${seen.size} other tensors`);
  }
  return names;
}

/** BERT's token types have one row or more; the first is used. */
function tokenTypesShape({ raw, dim }: ModelConfig): Shape {
  const rows = raw.type_vocab_size ?? 2;
  if (!Number.isSafeInteger(rows) || (rows as number) < 1) {
    throw new DataError(`config.json: type_vocab_size: expected an integer of 1 or more, got ${show(rows)}`);
  }
  return [rows as number, dim];
}

function dtypeOf(name: string, quantised: ReadonlySet<string>): 'float' | 'I8' | 'I64' {
  if (name.endsWith('.outlier_columns')) return 'I64';
  return name.endsWith('.weight') && quantised.has(name.slice(0, -'.weight'.length)) ? 'I8' : 'float';
}

function checkTensor({ file, name, dtype, shape }: TensorInfo, expected: Shape, kind: 'float' | 'I8' | 'I64'): void {
  if (show(shape) !== show(expected)) {
    throw new DataError(`${file}: ${name}: expected shape ${show(expected)}, got ${show(shape)}`);
  }
  if (kind === 'float' ? !isFloat(dtype) : dtype !== kind) {
    throw new DataError(`${file}: ${name}: expected ${kind === 'float' ? 'F32, F16 or BF16' : kind}, got ${dtype}`);
  }
}

async function* renamed(checkpoints: Checkpoint[], names: Map<string, string>): AsyncGenerator<Tensor> {
  for (const checkpoint of checkpoints) {
    for await (const tensor of checkpoint) {
      const name = names.get(tensor.name);
      if (name !== undefined) yield { ...tensor, name };
    }
  }
}

/** A tensor whose bytes are already in memory. */
function held(info: TensorInfo, bytes: Uint8Array): Tensor {
  let at = 0;
  const { name, dtype, shape, file } = info;
  return {
    name,
    dtype,
    shape,
    file,
    byteLength: bytes.length,
    async read(into) {
      into.set(bytes.subarray(at, at + into.length));
      at += into.length;
    },
  };
}

/** Holds positions and token types (1.6 MB in BERT-base), whichever comes first, until both are there. */
async function* foldedTokenTypes(tensors: AsyncIterable<Tensor>): AsyncGenerator<Tensor> {
  let positions: { info: Tensor; values: Float32Array } | undefined;
  let types: Float32Array | undefined;
  for await (const tensor of tensors) {
    if (tensor.name === TOKEN_TYPES) types = await readFloats(tensor);
    else if (tensor.name === POSITIONS) positions = { info: tensor, values: await readFloats(tensor) };
    else {
      yield tensor;
      continue;
    }
    if (positions && types) {
      const { info, values } = positions;
      const dim = info.shape[1];
      for (let i = 0; i < values.length; i++) values[i] += types[i % dim];
      yield held({ ...info, dtype: 'F32' }, new Uint8Array(values.buffer));
    }
  }
}

/** Scales and outlier columns are small: each is read and checked, and handed on from memory. */
async function* checkedOutliers(tensors: AsyncIterable<Tensor>, config: ModelConfig): AsyncGenerator<Tensor> {
  const inputs = new Map(
    encoderLinears(config).map(({ name, input, k }) => [`${name}.weight.outlier_columns`, { input, k }]),
  );
  const columnsOf = new Map<string, string>();
  for await (const tensor of tensors) {
    const linear = inputs.get(tensor.name);
    if (linear) {
      const columns = new BigInt64Array(tensor.shape[0]);
      const bytes = new Uint8Array(columns.buffer);
      await tensor.read(bytes);
      checkColumns(tensor.name, columns, linear.k);
      const shared = columnsOf.get(linear.input) ?? String(columns);
      if (shared !== String(columns)) {
        throw new DataError(
          `${tensor.name}: expected [${shared}] as in the layers that share its input, got [${columns}]`,
        );
      }
      columnsOf.set(linear.input, shared);
      yield held(tensor, bytes);
    } else if (tensor.name.endsWith('.scale')) {
      const scales = await readFloats(tensor);
      const wrong = scales.findIndex((scale) => !(scale > 0));
      if (wrong >= 0)
        throw new DataError(`${tensor.name}: expected scales above 0, got ${scales[wrong]} at index ${wrong}`);
      yield held({ ...tensor, dtype: 'F32' }, new Uint8Array(scales.buffer));
    } else {
      yield tensor;
    }
  }
}

function checkColumns(name: string, columns: BigInt64Array, k: number): void {
  let previous = -1n;
  for (const column of columns) {
    if (column <= previous || column >= BigInt(k)) {
      throw new DataError(`${name}: expected ascending columns from 0 to ${k - 1}, got [${columns}]`);
    }
    previous = column;
  }
}
