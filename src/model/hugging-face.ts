import { UsageError } from '../errors.ts';
import type { ModelConfig } from './config.ts';
import { jsonBytes } from './json.ts';
import { encoderTensors, headTensors } from './names.ts';
import { writeTensorFile } from './tensor-file.ts';

export interface HuggingFaceInput {
  config: ModelConfig;
  /** Every tensor, f32, by canonical name. */
  weights: ReadonlyMap<string, Float32Array>;
  /** The tokenizer.json document. */
  tokenizer: unknown;
  /** Tokens that the tokenizer cuts at. */
  maxLength: number;
}

/** The one that transformers' DistilBERT has. */
const EPSILON = 1e-12;

/**
 * The files of a directory that transformers and transformers.js load as a DistilBERT: config.json, tokenizer.json,
 * tokenizer_config.json, model.safetensors.
 *
 * @throws UsageError where transformers' DistilBERT has no such model
 */
export function huggingFaceFiles(input: HuggingFaceInput): Record<string, Uint8Array> {
  checkExpressible(input.config);
  return floatFiles(input);
}

/** The same files of any model: without its epsilon, for which they have no place, and which a reader must know. */
export function floatFiles(input: HuggingFaceInput): Record<string, Uint8Array> {
  const { config, weights } = input;
  const encoder = [...encoderTensors({ ...config, bertwasm: undefined })];
  const bare = config.head === 'none';
  const named = new Map([
    ...encoder.map(([name, shape]) => [bare ? name : `distilbert.${name}`, { name, shape }] as const),
    ...[...headTensors(config)].map(([name, shape]) => [name, { name, shape }] as const),
  ]);
  return {
    ...filesBesideWeights(input),
    'model.safetensors': writeTensorFile(
      new Map([...named].map(([name, tensor]) => [name, weights.get(tensor.name) as Float32Array])),
      new Map([...named].map(([name, { shape }]) => [name, shape])),
    ),
  };
}

/** All but the weights: what transformers.js reads beside an ONNX file, whatever its graph computes. */
export function filesBesideWeights({
  config,
  tokenizer,
  maxLength,
}: Omit<HuggingFaceInput, 'weights'>): Record<string, Uint8Array> {
  return {
    'config.json': jsonBytes(huggingFaceConfig(config)),
    'tokenizer.json': jsonBytes(tokenizer),
    'tokenizer_config.json': jsonBytes(tokenizerConfig(tokenizer, maxLength)),
  };
}

/** @throws UsageError where transformers' DistilBERT has no such model */
export function checkExpressible(config: ModelConfig): void {
  const reason = inexpressible(config);
  if (reason) throw new UsageError(`model: ${reason}`);
}

/** Why transformers' DistilBERT has no such model; nothing where it has. */
export function inexpressible({ head, pooling, preClassifier, layerNormEps }: ModelConfig): string | undefined {
  const reason = (expected: string, got: unknown) =>
    `expected ${expected}, as transformers' DistilBERT has it, got ${got}`;
  if (layerNormEps !== EPSILON) return reason(`LayerNorm's epsilon ${EPSILON}`, layerNormEps);
  if (head !== 'none' && pooling !== 'cls') return reason('a head on the last hidden states (pooling cls)', pooling);
  if (head === 'sequence' && !preClassifier) return reason('a head with a pre_classifier', 'a linear one');
}

/** Keys of a BERT's config.json, and what they are called in a DistilBERT's. */
const BERT_KEYS = { hidden_dropout_prob: 'dropout', attention_probs_dropout_prob: 'attention_dropout' } as const;

/** Keys of a source that mean the same in its DistilBERT. */
const SHARED_KEYS = [
  'dropout',
  'attention_dropout',
  'seq_classif_dropout',
  'qa_dropout',
  'initializer_range',
  'pad_token_id',
];

/** A float DistilBERT's config.json. */
export function huggingFaceConfig(config: ModelConfig): Record<string, unknown> {
  const { raw, head, labels, problemType } = config;
  const shared = Object.entries(raw).map(([key, value]) => [
    Object.hasOwn(BERT_KEYS, key) ? BERT_KEYS[key as keyof typeof BERT_KEYS] : key,
    value,
  ]);
  const architecture = { none: 'Model', sequence: 'ForSequenceClassification', token: 'ForTokenClassification' }[head];
  return {
    model_type: 'distilbert',
    architectures: [`DistilBert${architecture}`],
    vocab_size: config.vocabSize,
    max_position_embeddings: config.positions,
    dim: config.dim,
    hidden_dim: config.hiddenDim,
    n_heads: config.heads,
    n_layers: config.layers,
    activation: config.activation,
    dropout: 0.1,
    attention_dropout: 0.1,
    seq_classif_dropout: 0.2,
    initializer_range: 0.02,
    pad_token_id: 0,
    sinusoidal_pos_embds: false,
    ...Object.fromEntries(shared.filter(([key]) => SHARED_KEYS.includes(key as string))),
    ...(head === 'none'
      ? {}
      : {
          id2label: Object.fromEntries(labels.entries()),
          label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
        }),
    ...(head === 'sequence' && problemType ? { problem_type: problemType } : {}),
    dtype: 'float32',
  };
}

const SPECIAL = { cls: '[CLS]', mask: '[MASK]', pad: '[PAD]', sep: '[SEP]', unk: '[UNK]' } as const;

/** PreTrainedTokenizerFast takes tokenizer.json as it is; BertTokenizer would add token_type_ids, which DistilBERT refuses. */
function tokenizerConfig(tokenizer: unknown, maxLength: number): Record<string, unknown> {
  const { added_tokens: added } = tokenizer as { added_tokens: { content: string }[] };
  const known = Object.entries(SPECIAL).filter(([, token]) => added.some(({ content }) => content === token));
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: maxLength,
    model_input_names: ['input_ids', 'attention_mask'],
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(known.map(([name, token]) => [`${name}_token`, token])),
  };
}
