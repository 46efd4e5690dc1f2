import type { ModelConfig } from './config.ts';
import { headConfig, headShapes } from './head.ts';

/*
 * Canonical tensor names are those of transformers' DistilBertModel, without a prefix; the heads' are those of its
 * DistilBertForSequenceClassification and DistilBertForTokenClassification.
 */

/** A linear layer y = x W^T + b. */
export interface Linear {
  /** Canonical name; the tensors are `<name>.weight` [n, k] and `<name>.bias` [n]. */
  name: string;
  /** Outputs. */
  n: number;
  /** Inputs. */
  k: number;
  /** Names the layer's input: q, k and v of one layer share theirs, and so their outlier columns. */
  input: string;
}

/** The encoder's linear layers, in the order of the forward pass. */
export function encoderLinears({ dim, hiddenDim, layers }: ModelConfig): Linear[] {
  return Array.from({ length: layers }, (_, i) => {
    const layer = `transformer.layer.${i}`;
    const attention = `${layer}.attention`;
    return [
      ...['q_lin', 'k_lin', 'v_lin'].map((name) => ({
        name: `${attention}.${name}`,
        n: dim,
        k: dim,
        input: attention,
      })),
      ...[
        { name: `${attention}.out_lin`, n: dim, k: dim },
        { name: `${layer}.ffn.lin1`, n: hiddenDim, k: dim },
        { name: `${layer}.ffn.lin2`, n: dim, k: hiddenDim },
      ].map((linear) => ({ ...linear, input: linear.name })),
    ];
  }).flat();
}

export type Shape = readonly number[];

/** Canonical name to shape of every tensor the model needs: the encoder's, then the head's. */
export function expectedTensors(config: ModelConfig): Map<string, Shape> {
  return new Map([...encoderTensors(config), ...headTensors(config)]);
}

/** The encoder's part of {@link expectedTensors}. In our own form, scales and outlier columns lie beside weights. */
export function encoderTensors(config: ModelConfig): Map<string, Shape> {
  const { dim, vocabSize, positions, layers, bertwasm } = config;
  const tensors = new Map<string, Shape>();
  const add = (name: string, ...shape: number[]): Map<string, Shape> => tensors.set(name, shape);
  const addNorm = (name: string): void => {
    add(`${name}.weight`, dim);
    add(`${name}.bias`, dim);
  };

  const words = 'embeddings.word_embeddings.weight';
  add(words, vocabSize, dim);
  if (bertwasm) add(`${words}.scale`, vocabSize);
  add('embeddings.position_embeddings.weight', positions, dim);
  addNorm('embeddings.LayerNorm');
  for (const { name, n, k } of encoderLinears(config)) {
    add(`${name}.weight`, n, k);
    if (bertwasm) {
      add(`${name}.weight.scale`, n);
      add(`${name}.weight.outlier_columns`, bertwasm.outlier_columns);
      add(`${name}.weight.outliers`, n, bertwasm.outlier_columns);
    }
    add(`${name}.bias`, n);
  }
  for (let i = 0; i < layers; i++) {
    addNorm(`transformer.layer.${i}.sa_layer_norm`);
    addNorm(`transformer.layer.${i}.output_layer_norm`);
  }
  return tensors;
}

/** The head's part of {@link expectedTensors}. */
export function headTensors(config: ModelConfig): Map<string, Shape> {
  const head = headConfig(config);
  return head ? headShapes(head) : new Map();
}

/** The one tensor of BERT that conversion folds into another. */
export const TOKEN_TYPES = 'embeddings.token_type_embeddings.weight';

/** BERT's names inside a layer, and DistilBERT's. */
const BERT_LAYER: Record<string, string> = {
  'attention.self.query': 'attention.q_lin',
  'attention.self.key': 'attention.k_lin',
  'attention.self.value': 'attention.v_lin',
  'attention.output.dense': 'attention.out_lin',
  'attention.output.LayerNorm': 'sa_layer_norm',
  'intermediate.dense': 'ffn.lin1',
  'output.dense': 'ffn.lin2',
  'output.LayerNorm': 'output_layer_norm',
};

/** Pre-training heads, BERT's pooler, and the constant 0, 1, 2, … that old checkpoints store. */
const DROPPED = /^(pooler|cls|vocab_transform|vocab_layer_norm|vocab_projector|embeddings\.position_ids)(\.|$)/;

/**
 * The canonical name for a checkpoint's name, or `undefined` for a tensor that classification does not use. A name
 * that is no tensor of the model comes back as it is.
 */
export function canonicalName(raw: string, modelType: ModelConfig['modelType']): string | undefined {
  const name = raw.startsWith(`${modelType}.`) ? raw.slice(modelType.length + 1) : raw;
  if (DROPPED.test(name)) return undefined;
  // Checkpoints converted from TensorFlow call LayerNorm's weight gamma and its bias beta.
  const modern = name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
  if (modelType !== 'bert') return modern;
  const [, index, part, kind] = /^encoder\.layer\.(\d+)\.(.+)\.(weight|bias)$/.exec(modern) ?? [];
  return part && Object.hasOwn(BERT_LAYER, part) ? `transformer.layer.${index}.${BERT_LAYER[part]}.${kind}` : modern;
}
