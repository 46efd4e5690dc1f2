import { UsageError } from '../errors.ts';
import type { Manifest, ManifestFile, ModelConfig } from './config.ts';
import { type Head, headConfig } from './head.ts';
import { jsonBytes } from './json.ts';
import type { Sha256 } from './verified.ts';

/** The files of an encoder that every model on it shares. */
export const ENCODER_FILES = ['encoder.safetensors', 'tokenizer.json'] as const;

/** What is of a head alone in a config.json. */
const HEAD_KEYS = ['id2label', 'label2id', 'num_labels', 'problem_type', 'architectures', 'bertwasm'];

/**
 * The files of a model that is a new head on a quantised encoder: `config.json` and `head.safetensors`. The manifest lists
 * the encoder's files too, by size and SHA-256; they lie beside these two, or with the model that `encoder` names.
 *
 * @param base the config of the model whose encoder it is
 * @param encoder a package, or a path from the new model's directory; `undefined` where the encoder is copied there
 * @throws UsageError where the encoder is not quantised, or is not the one the head was made for
 */
export function trainedFiles(
  base: ModelConfig,
  head: Head,
  newSha256: () => Sha256,
  encoder: string | undefined,
): Record<'config.json' | 'head.safetensors', Uint8Array> {
  if (!base.bertwasm) {
    throw new UsageError('encoder: expected a quantised model (bertwasm quantize makes one), got one of floats');
  }
  const { dtype, format, outlier_columns, files: baseFiles } = base.bertwasm;
  const { task, labels, problemType, pooling, preClassifier, encoder: sha256 } = head.config;
  if (sha256 !== undefined && sha256 !== headConfig({ ...base, head: task })?.encoder) {
    throw new UsageError(`head: expected one for this encoder, got one for that with SHA-256 ${sha256}`);
  }
  const weights = head.save();
  const hash = newSha256();
  hash.update(weights);
  // A copy is whole, where the base was cut too.
  const listed = (name: string): ManifestFile => {
    const { size, sha256, parts } = baseFiles[name];
    return encoder === undefined || !parts ? { size, sha256 } : { size, sha256, parts };
  };
  const manifest: Manifest = {
    format,
    dtype,
    outlier_columns,
    head: { pooling, pre_classifier: preClassifier },
    ...(encoder === undefined ? {} : { encoder }),
    files: {
      ...Object.fromEntries(ENCODER_FILES.map((name) => [name, listed(name)])),
      'head.safetensors': { size: weights.length, sha256: hash.digest() },
    },
  };
  const shared = Object.entries(base.raw).filter(([key]) => !HEAD_KEYS.includes(key));
  const config = {
    ...Object.fromEntries(shared),
    architectures: [task === 'token' ? 'DistilBertForTokenClassification' : 'DistilBertForSequenceClassification'],
    id2label: Object.fromEntries(labels.entries()),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    ...(problemType && task === 'sequence' ? { problem_type: problemType } : {}),
    bertwasm: manifest,
  };
  return { 'config.json': jsonBytes(config), 'head.safetensors': weights };
}
