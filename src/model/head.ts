import { DataError, UsageError } from '../errors.ts';
import { asBytes, type Bytes } from './as-bytes.ts';
import {
  type HeadPooling,
  isLabel,
  isTokenPooling,
  LIMITS,
  type ModelConfig,
  POOLINGS,
  type ProblemType,
} from './config.ts';
import { firstNonFinite } from './floats.ts';
import { isObject, parseJson, show } from './json.ts';
import { readTensorFile, writeTensorFile } from './tensor-file.ts';

export type { HeadPooling };

export interface HeadConfig {
  task: 'sequence' | 'token';
  /** The L labels by id. */
  labels: readonly string[];
  problemType?: ProblemType;
  pooling: HeadPooling;
  /** DistilBERT's `pre_classifier` and ReLU come ahead of the classifier; a token head and a linear probe have none. */
  preClassifier: boolean;
  /** D of the encoder. */
  dim: number;
  /** P, the length of a feature vector: D, or D (layers + 1) with `layers`. */
  width: number;
  /** SHA-256 of the encoder.safetensors that the head reads, where that is known. */
  encoder?: string;
}

/** P of what a pooling gives. */
export function featureWidth({ dim, layers }: Pick<ModelConfig, 'dim' | 'layers'>, pooling: HeadPooling): number {
  return pooling === 'layers' ? dim * (layers + 1) : dim;
}

/** The head that a model's config describes; none where it has none. */
export function headConfig(config: ModelConfig): HeadConfig | undefined {
  const { head: task, labels, problemType, pooling, preClassifier, dim, bertwasm } = config;
  if (task === 'none') return undefined;
  const encoder = bertwasm?.files['encoder.safetensors']?.sha256;
  return { task, labels, problemType, pooling, preClassifier, dim, width: featureWidth(config, pooling), encoder };
}

/** Tensor names to shapes, as in transformers' DistilBertForSequenceClassification and DistilBertForTokenClassification. */
export function headShapes({ labels, preClassifier, dim, width }: HeadConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  if (preClassifier) {
    shapes.set('pre_classifier.weight', [dim, width]);
    shapes.set('pre_classifier.bias', [dim]);
  }
  shapes.set('classifier.weight', [labels.length, preClassifier ? dim : width]);
  shapes.set('classifier.bias', [labels.length]);
  return shapes;
}

/** The key of a head file's metadata under which its config stands, as JSON. */
const METADATA_KEY = 'bertwasm';

/**
 * A head apart from its encoder: what training makes and `use` takes. As bytes it is a safetensors file of F32 tensors
 * under transformers' names, its config in the metadata.
 */
export class Head {
  readonly config: HeadConfig;
  /** Row-major f32 by name. */
  readonly tensors: ReadonlyMap<string, Float32Array>;

  /** @throws DataError where the tensors are not those of {@link headShapes}, or hold a value that is not finite */
  constructor(config: HeadConfig, tensors: ReadonlyMap<string, Float32Array>) {
    const shapes = headShapes(config);
    for (const [name, shape] of shapes) {
      const length = shape.reduce((a, b) => a * b);
      const values = tensors.get(name);
      if (values?.length !== length) {
        throw new DataError(`${name}: expected ${length} values ${show(shape)}, got ${values?.length ?? 'none'}`);
      }
      const wrong = firstNonFinite(values);
      if (wrong >= 0) throw new DataError(`${name}: expected finite values, got ${values[wrong]} at index ${wrong}`);
    }
    for (const name of tensors.keys()) {
      if (!shapes.has(name))
        throw new DataError(`${name}: expected ${[...shapes.keys()].join(', ')}, got another tensor`);
    }
    this.config = config;
    this.tensors = tensors;
  }

  /** The bytes of a head.safetensors; {@link Head.load} reads them. */
  save(): Uint8Array<ArrayBuffer> {
    const { task, labels, problemType, pooling, preClassifier, dim, width, encoder } = this.config;
    const config = { task, labels, problemType, pooling, preClassifier, dim, width, encoder };
    return writeTensorFile(this.tensors, headShapes(config), { [METADATA_KEY]: JSON.stringify(config) });
  }

  /**
   * @param name for messages
   * @throws DataError where the bytes are not those of a head that `save` made, UsageError where they are none
   */
  static load(bytes: Bytes, name = 'head.safetensors'): Head {
    const given = asBytes(bytes);
    if (!given) throw new UsageError(`${name}: expected a Uint8Array or an ArrayBuffer, got another value`);
    const file = readTensorFile(given, name);
    const config = parseHeadConfig(file.metadata[METADATA_KEY], name);
    return new Head(config, file.tensors(headShapes(config)));
  }
}

function parseHeadConfig(text: string | undefined, name: string): HeadConfig {
  if (text === undefined) throw new DataError(`${name}: expected a head's metadata (${METADATA_KEY}), got none`);
  const json = parseJson(new TextEncoder().encode(text), name);
  if (!isObject(json)) throw new DataError(`${name}: ${METADATA_KEY}: expected an object, got ${show(json)}`);
  const { task, labels, problemType, pooling, preClassifier, dim, width, encoder } = json;
  const check = (valid: boolean, key: string, expected: string): void => {
    if (!valid) throw new DataError(`${name}: ${METADATA_KEY}.${key}: expected ${expected}, got ${show(json[key])}`);
  };
  const isSize = (value: unknown, most: number) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
  check(task === 'sequence' || task === 'token', 'task', '"sequence" or "token"');
  const areLabels =
    Array.isArray(labels) && labels.length >= 1 && labels.length <= LIMITS.labels && labels.every(isLabel);
  check(
    areLabels && new Set(labels as string[]).size === (labels as string[]).length,
    'labels',
    'plain texts that differ',
  );
  const types = [undefined, 'single_label_classification', 'multi_label_classification', 'regression'];
  check(types.includes(problemType as string | undefined), 'problemType', 'a problem type of transformers');
  const poolings = POOLINGS.filter((each) => task === 'sequence' || isTokenPooling(each));
  check(poolings.includes(pooling as HeadPooling), 'pooling', poolings.join(', '));
  check(typeof preClassifier === 'boolean' && !(task === 'token' && preClassifier), 'preClassifier', 'true or false');
  check(isSize(dim, LIMITS.dim), 'dim', `an integer from 1 to ${LIMITS.dim}`);
  check(isSize(width, LIMITS.dim * (LIMITS.layers + 1)), 'width', 'the length of a feature vector');
  check(encoder === undefined || /^[0-9a-f]{64}$/.test(String(encoder)), 'encoder', 'a SHA-256 of 64 hex digits');
  return { task, labels, problemType, pooling, preClassifier, dim, width, encoder } as HeadConfig;
}
