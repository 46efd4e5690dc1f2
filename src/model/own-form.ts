import { UsageError } from '../errors.ts';
import { canonicalTensors } from './bert.ts';
import type { Tensor } from './checkpoint.ts';
import { LIMITS, type Manifest, type ModelConfig } from './config.ts';
import { floatPieces, readFloats } from './floats.ts';
import { jsonBytes } from './json.ts';
import { encoderLinears, encoderTensors, headTensors } from './names.ts';
import { quantizeLinear, quantizeRows } from './quantizer.ts';
import { type Dtype, fileOrder, serializeHeader } from './safetensors.ts';
import type { ModelSource } from './source.ts';
import type { Sha256 } from './verified.ts';

/** A new directory: nothing of it is to be seen until `commit`, and nothing is left of it after `abort`. */
export interface DirectoryWriter {
  file(name: string): Promise<{ write(bytes: Uint8Array): Promise<void>; close(): Promise<void> }>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface OwnFormInput {
  /** A float checkpoint, DistilBERT or BERT. */
  source: ModelSource;
  config: ModelConfig;
  /** The tokenizer.json document. */
  tokenizer: unknown;
  /** For the `input` of each encoder linear: its outlier columns, ascending, as many for each. */
  outlierColumns: ReadonlyMap<string, readonly number[]>;
}

/** Rows of an embedding in flight: 3 MB of f32 at D = 768. */
const ROWS_PER_PIECE = 1024;

/**
 * Quantises a model and writes it in our own form: tokenizer.json, encoder.safetensors, head.safetensors where there
 * is a head, config.json with the manifest. At most one linear layer is in memory in f32, and the quantised encoder.
 *
 * @throws DataError where the checkpoint is invalid, UsageError where it is quantised already; nothing is then written
 */
export async function writeOwnForm(
  writer: DirectoryWriter,
  newSha256: () => Sha256,
  { source, config, tokenizer, outlierColumns }: OwnFormInput,
): Promise<Manifest> {
  const files: Manifest['files'] = {};
  const write = async (name: string, pieces: Iterable<Uint8Array>): Promise<void> => {
    const hash = newSha256();
    const file = await writer.file(name);
    let size = 0;
    for (const bytes of pieces) {
      await file.write(bytes);
      hash.update(bytes);
      size += bytes.length;
    }
    await file.close();
    files[name] = { size, sha256: hash.digest() };
  };
  try {
    if (config.bertwasm) throw new UsageError(`${source.name}: expected a float checkpoint, got a quantised model`);
    const manifest: Manifest = { format: 1, dtype: 'q8', outlier_columns: countColumns(config, outlierColumns), files };
    await write('tokenizer.json', [jsonBytes(tokenizer)]);
    const tensors = await quantizeAll(source, config, outlierColumns);
    const quantised: ModelConfig = { ...config, bertwasm: manifest };
    await write('encoder.safetensors', safetensorsPieces(encoderTensors(quantised), tensors, 'distilbert.'));
    const head = headTensors(config);
    if (head.size > 0) await write('head.safetensors', safetensorsPieces(head, tensors, ''));
    const file = await writer.file('config.json');
    await file.write(jsonBytes({ ...distilbertConfig(config), bertwasm: manifest }));
    await file.close();
    await writer.commit();
    return manifest;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** The number of outlier columns of every layer; an error where the columns are not what the own form can hold. */
function countColumns(config: ModelConfig, outlierColumns: ReadonlyMap<string, readonly number[]>): number {
  const count = outlierColumns.values().next().value?.length ?? 0;
  for (const { input, k } of encoderLinears(config)) {
    const columns = outlierColumns.get(input) ?? [];
    const ascending = columns.every((c, i) => Number.isInteger(c) && c > (columns[i - 1] ?? -1) && c < k);
    if (columns.length !== count || count > LIMITS.outlierColumns || !ascending) {
      throw new UsageError(
        `${input}: expected ${count} (at most ${LIMITS.outlierColumns}) ascending columns below ${k}, got [${columns}]`,
      );
    }
  }
  return count;
}

interface Written {
  dtype: Dtype;
  bytes: Uint8Array;
}

/** Every tensor of the own form, by canonical name. */
async function quantizeAll(
  source: ModelSource,
  config: ModelConfig,
  outlierColumns: ReadonlyMap<string, readonly number[]>,
): Promise<Map<string, Written>> {
  const linears = new Map(encoderLinears(config).map((linear) => [`${linear.name}.weight`, linear]));
  const tensors = new Map<string, Written>();
  const add = (name: string, dtype: Dtype, { buffer, byteOffset, byteLength }: ArrayBufferView): void => {
    tensors.set(name, { dtype, bytes: new Uint8Array(buffer, byteOffset, byteLength) });
  };
  for await (const tensor of canonicalTensors(source, config)) {
    const { name } = tensor;
    const linear = linears.get(name);
    if (name === 'embeddings.word_embeddings.weight') {
      const { weight, scale } = await quantizeEmbedding(tensor);
      add(name, 'I8', weight);
      add(`${name}.scale`, 'F32', scale);
    } else if (linear) {
      const columns = outlierColumns.get(linear.input) ?? [];
      const { weight, scale, outliers } = quantizeLinear(await readFloats(tensor), linear.n, linear.k, columns);
      add(name, 'I8', weight);
      add(`${name}.scale`, 'F32', scale);
      add(`${name}.outlier_columns`, 'I64', BigInt64Array.from(columns, BigInt));
      add(`${name}.outliers`, 'F32', outliers);
    } else {
      add(name, 'F32', await readFloats(tensor));
    }
  }
  return tensors;
}

async function quantizeEmbedding(tensor: Tensor): Promise<{ weight: Int8Array; scale: Float32Array }> {
  const [rows, columns] = tensor.shape;
  const weight = new Int8Array(rows * columns);
  const scale = new Float32Array(rows);
  for await (const { row, values } of floatPieces(tensor, ROWS_PER_PIECE)) {
    const piece = quantizeRows(values, values.length / columns, columns);
    weight.set(piece.weight, row * columns);
    scale.set(piece.scale, row);
  }
  return { weight, scale };
}

/** A safetensors file: its header, then its tensors. */
function safetensorsPieces(
  shapes: ReadonlyMap<string, readonly number[]>,
  tensors: ReadonlyMap<string, Written>,
  prefix: string,
): Uint8Array[] {
  const ordered = fileOrder(
    Array.from(shapes, ([name, shape]) => ({ name: prefix + name, shape, ...(tensors.get(name) as Written) })),
  );
  return [serializeHeader(ordered), ...ordered.map(({ bytes }) => bytes)];
}

/** The config.json of the DistilBERT that the model is, or becomes where it was a BERT. */
function distilbertConfig(config: ModelConfig): Record<string, unknown> {
  const { raw } = config;
  // A float DistilBERT's epsilon is fixed, whatever its config.json says; the own form's is read from there.
  if (config.modelType === 'distilbert') return { ...raw, layer_norm_eps: undefined };
  return {
    model_type: 'distilbert',
    architectures: [config.head === 'token' ? 'DistilBertForTokenClassification' : 'DistilBertModel'],
    vocab_size: config.vocabSize,
    dim: config.dim,
    hidden_dim: config.hiddenDim,
    n_heads: config.heads,
    n_layers: config.layers,
    max_position_embeddings: config.positions,
    activation: config.activation,
    layer_norm_eps: config.layerNormEps,
    pad_token_id: raw.pad_token_id ?? 0,
    ...(config.head === 'none'
      ? {}
      : {
          id2label: Object.fromEntries(config.labels.entries()),
          label2id: Object.fromEntries(config.labels.map((label, id) => [label, id])),
        }),
  };
}
