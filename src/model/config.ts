import { DataError } from '../errors.ts';
import { isPlainFileName } from './file-name.ts';
import { isObject, parseJson, show } from './json.ts';
import { type ModelSource, readBytes } from './source.ts';

/** What a model may ask for; beyond it a config.json is taken for a mistake or an attack. */
export const LIMITS = {
  configBytes: 4_000_000,
  layers: 48,
  dim: 4096,
  hiddenDim: 16_384,
  vocabSize: 1_000_000,
  positions: 8192,
  labels: 10_000,
  labelLength: 200,
  outlierColumns: 8,
  parts: 999,
} as const;

/** A file as a manifest lists it. */
export interface ManifestFile {
  /** Bytes. */
  size: number;
  /** Of the whole file, in hex. */
  sha256: string;
  /** Where the file was cut for a store that limits the size of one: the bytes of its parts, `<name>.part1` and on. */
  parts?: number[];
}

/** The `bertwasm` object of a config.json: what our own form adds to Hugging Face's. */
export interface Manifest {
  format: 1;
  dtype: 'q8';
  /** Columns of each linear layer's input that stay in f32, 0 to 8. */
  outlier_columns: number;
  /** Every other file of the model by its plain name. */
  files: Record<string, ManifestFile>;
  /**
   * The model whose encoder this one shares: an installed package, or a path from this model's directory. Files of the
   * list that do not lie here lie there.
   */
  encoder?: string;
  /** How a head that was trained here reads the encoder; without it the head is DistilBERT's own. */
  head?: { pooling: HeadPooling; pre_classifier: boolean };
}

/** What a model's head labels. */
export type HeadTask = 'sequence' | 'token' | 'none';

/**
 * What a head reads of an encoded sequence. `cls`: the last hidden state of the first token, as in transformers. `mean`: the
 * mean of all tokens' last hidden states. `layers`: the means of the embeddings and of every layer, side by side. A token head
 * reads each token: its last hidden state (`cls`), or those of all layers side by side (`layers`).
 */
export const POOLINGS = ['cls', 'mean', 'layers'] as const;
export type HeadPooling = (typeof POOLINGS)[number];

/** Whether there is such a vector of each token. */
export function isTokenPooling(pooling: HeadPooling): boolean {
  return pooling !== 'mean';
}
export type ProblemType = 'single_label_classification' | 'multi_label_classification' | 'regression';

export interface ModelConfig {
  modelType: 'distilbert' | 'bert';
  /** V */
  vocabSize: number;
  /** D, a multiple of 16 */
  dim: number;
  /** F, a multiple of 16 */
  hiddenDim: number;
  /** H; D / H is a multiple of 8 */
  heads: number;
  layers: number;
  /** Rows of the position embeddings: the longest sequence, special tokens included. */
  positions: number;
  activation: 'gelu' | 'relu';
  layerNormEps: number;
  head: HeadTask;
  /** How the head reads the encoder. */
  pooling: HeadPooling;
  /** Whether a sequence head has DistilBERT's `pre_classifier` and ReLU ahead of its classifier. */
  preClassifier: boolean;
  /** The L labels by id; none where there is no head. */
  labels: string[];
  problemType?: ProblemType;
  /** Present where the model is in our own form. */
  bertwasm?: Manifest;
  /** The whole config.json. */
  raw: Record<string, unknown>;
}

const HEADS: Record<string, HeadTask> = {
  DistilBertModel: 'none',
  DistilBertForMaskedLM: 'none',
  DistilBertForSequenceClassification: 'sequence',
  DistilBertForTokenClassification: 'token',
  BertModel: 'none',
  BertForMaskedLM: 'none',
  BertForPreTraining: 'none',
  BertForTokenClassification: 'token',
};

/** What each model type calls its sizes in config.json. */
const KEYS = {
  distilbert: { dim: 'dim', hiddenDim: 'hidden_dim', heads: 'n_heads', layers: 'n_layers', activation: 'activation' },
  bert: {
    dim: 'hidden_size',
    hiddenDim: 'intermediate_size',
    heads: 'num_attention_heads',
    layers: 'num_hidden_layers',
    activation: 'hidden_act',
  },
} as const;

/** LayerNorm's epsilon in DistilBERT, and BERT's default (transformers, modeling_distilbert.py). */
const DEFAULT_EPS = 1e-12;

/** Reads and checks a model's config.json. */
export async function loadConfig(source: ModelSource): Promise<ModelConfig> {
  const where = `${source.name}/config.json`;
  const bytes = await readBytes(source, 'config.json', LIMITS.configBytes);
  if (!bytes) throw new DataError(`${where}: expected a model's config.json, got no such file`);
  return parseConfig(parseJson(bytes, where), where);
}

/**
 * A checked configuration from a config.json of DistilBERT or BERT (transformers' keys), or of our own form.
 *
 * @throws DataError naming `file` and the key at fault
 */
export function parseConfig(json: unknown, file: string): ModelConfig {
  if (!isObject(json)) throw new DataError(`${file}: expected an object, got ${show(json)}`);
  const fail = (key: string, expected: string): never => {
    throw new DataError(`${file}: ${key}: expected ${expected}, got ${show(json[key])}`);
  };
  const integer = (key: string, max: number, multipleOf = 1): number => {
    const value = json[key];
    const valid = Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max;
    if (!valid || (value as number) % multipleOf !== 0) {
      fail(key, `${multipleOf > 1 ? `a multiple of ${multipleOf}` : 'an integer'} from 1 to ${max}`);
    }
    return value as number;
  };

  const modelType = json.model_type;
  if (modelType !== 'distilbert' && modelType !== 'bert') return fail('model_type', '"distilbert" or "bert"');
  const keys = KEYS[modelType];
  const dim = integer(keys.dim, LIMITS.dim, 16);
  const heads = integer(keys.heads, dim);
  if (dim % (8 * heads) !== 0) fail(keys.heads, `heads of a width that is a multiple of 8 in ${dim}`);
  const activation = json[keys.activation] ?? 'gelu';
  if (activation !== 'gelu' && activation !== 'relu') return fail(keys.activation, '"gelu" or "relu"');
  if ((json.position_embedding_type ?? 'absolute') !== 'absolute') fail('position_embedding_type', '"absolute"');
  for (const key of ['is_decoder', 'add_cross_attention']) {
    if (json[key]) fail(key, 'an encoder');
  }

  const head = parseHead(json, fail);
  const bertwasm = json.bertwasm === undefined ? undefined : parseManifest(json.bertwasm, file);
  // transformers' DistilBERT has no such key; our own form keeps a converted BERT's.
  const eps = modelType === 'bert' || bertwasm ? (json.layer_norm_eps ?? DEFAULT_EPS) : DEFAULT_EPS;
  if (typeof eps !== 'number' || !(eps > 0 && eps < 1)) return fail('layer_norm_eps', 'a number between 0 and 1');

  if (head === 'token' && bertwasm?.head && !isTokenPooling(bertwasm.head.pooling)) {
    throw new DataError(`${file}: bertwasm.head.pooling: expected cls or layers of a token head, got mean`);
  }

  return {
    modelType,
    vocabSize: integer('vocab_size', LIMITS.vocabSize),
    dim,
    hiddenDim: integer(keys.hiddenDim, LIMITS.hiddenDim, 16),
    heads,
    layers: integer(keys.layers, LIMITS.layers),
    positions: integer('max_position_embeddings', LIMITS.positions),
    activation,
    layerNormEps: eps,
    head,
    pooling: bertwasm?.head?.pooling ?? 'cls',
    preClassifier: head === 'sequence' && (bertwasm?.head?.pre_classifier ?? true),
    labels: head === 'none' ? [] : parseLabels(json, fail),
    problemType: parseProblemType(json, fail),
    bertwasm,
    raw: json,
  };
}

/**
 * A tokenizer may know fewer ids than the model has rows (padding to a round number is common), never more.
 *
 * @param tokenizerSize 1 + the tokenizer's largest id
 */
export function checkVocabulary(tokenizerSize: number, config: ModelConfig, where: string): void {
  if (tokenizerSize > config.vocabSize) {
    throw new DataError(
      `${where}: expected a tokenizer of at most ${config.vocabSize} ids (vocab_size), got ${tokenizerSize}`,
    );
  }
}

type Fail = (key: string, expected: string) => never;

function parseHead(json: Record<string, unknown>, fail: Fail): HeadTask {
  const architectures = json.architectures ?? [];
  if (!Array.isArray(architectures) || architectures.length > 1) return fail('architectures', 'a list of one name');
  if (architectures.length === 0) return 'none';
  const name = architectures[0];
  if (name === 'BertForSequenceClassification') {
    return fail('architectures', 'a head without BERT’s pooler, which conversion to DistilBERT drops');
  }
  return Object.hasOwn(HEADS, name) ? HEADS[name] : fail('architectures', `one of ${Object.keys(HEADS).join(', ')}`);
}

function parseLabels(json: Record<string, unknown>, fail: Fail): string[] {
  const names = json.id2label;
  if (names === undefined || names === null) {
    // transformers leaves both keys out where a model has its default of two labels.
    const count = json.num_labels ?? 2;
    if (!Number.isSafeInteger(count) || (count as number) < 1 || (count as number) > LIMITS.labels) {
      fail('num_labels', `an integer from 1 to ${LIMITS.labels}`);
    }
    return Array.from({ length: count as number }, (_, i) => `LABEL_${i}`);
  }
  const count = isObject(names) ? Object.keys(names).length : 0;
  if (!isObject(names) || count < 1 || count > LIMITS.labels) {
    return fail('id2label', `an object of 1 to ${LIMITS.labels} labels`);
  }
  if ((json.num_labels ?? count) !== count) fail('num_labels', `${count}, as many as id2label has`);
  const labels = Array.from({ length: count }, (_, i) => {
    const label = Object.hasOwn(names, String(i)) ? names[i] : undefined;
    return isLabel(label) ? label : fail('id2label', `a label of plain text for each id from 0 to ${count - 1}`);
  });
  if (new Set(labels).size !== count) fail('id2label', 'labels that differ');
  return labels;
}

/** A label is printed on terminals: no control characters. */
export function isLabel(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LIMITS.labelLength && !/[\p{Cc}\p{Cs}]/u.test(value);
}

function parseProblemType(json: Record<string, unknown>, fail: Fail): ProblemType | undefined {
  switch (json.problem_type) {
    case undefined:
    case null:
      return undefined;
    case 'single_label_classification':
    case 'multi_label_classification':
    case 'regression':
      return json.problem_type;
    default:
      return fail('problem_type', 'single_label_classification, multi_label_classification or regression');
  }
}

/** A checked `bertwasm` object; `file` is for messages. */
export function parseManifest(json: unknown, file: string): Manifest {
  const fail = (key: string, expected: string, got: unknown): never => {
    throw new DataError(`${file}: bertwasm${key}: expected ${expected}, got ${show(got)}`);
  };
  if (!isObject(json)) return fail('', 'an object', json);
  if (json.format !== 1) fail('.format', '1', json.format);
  if (json.dtype !== 'q8') fail('.dtype', '"q8"', json.dtype);
  const columns = json.outlier_columns;
  if (!Number.isSafeInteger(columns) || (columns as number) < 0 || (columns as number) > LIMITS.outlierColumns) {
    fail('.outlier_columns', `an integer from 0 to ${LIMITS.outlierColumns}`, columns);
  }
  if (!isObject(json.files)) return fail('.files', 'an object', json.files);
  for (const [name, entry] of Object.entries(json.files)) {
    if (!isPlainFileName(name)) fail('.files', 'plain file names', name);
    const valid =
      isObject(entry) &&
      Number.isSafeInteger(entry.size) &&
      (entry.size as number) >= 0 &&
      typeof entry.sha256 === 'string' &&
      /^[0-9a-f]{64}$/.test(entry.sha256);
    if (!valid) return fail(`.files["${name}"]`, 'a size and a sha256 of 64 hex digits', entry);
    const { size, parts } = entry;
    if (parts !== undefined && !arePartsOf(size as number, parts)) {
      fail(`.files["${name}"].parts`, `up to ${LIMITS.parts} sizes over 0 that add up to ${size}`, parts);
    }
  }
  const { encoder, head } = json;
  if (encoder !== undefined && !(typeof encoder === 'string' && /^[^\p{Cc}]{1,1000}$/u.test(encoder))) {
    fail('.encoder', 'the name of a package or a path', encoder);
  }
  if (head !== undefined) {
    if (!isObject(head)) return fail('.head', 'an object', head);
    if (!POOLINGS.includes(head.pooling as HeadPooling)) fail('.head.pooling', POOLINGS.join(', '), head.pooling);
    if (typeof head.pre_classifier !== 'boolean') fail('.head.pre_classifier', 'true or false', head.pre_classifier);
  }
  return json as unknown as Manifest;
}

function arePartsOf(size: number, parts: unknown): boolean {
  return (
    Array.isArray(parts) &&
    parts.length >= 1 &&
    parts.length <= LIMITS.parts &&
    parts.every((part) => Number.isSafeInteger(part) && part > 0) &&
    parts.reduce((sum, part) => sum + part, 0) === size
  );
}
