import { expect, test } from 'vitest';
import { parseConfig } from '../../src/model/config.ts';
import { floatWeights } from '../../src/model/float-weights.ts';
import { huggingFaceFiles } from '../../src/model/hugging-face.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { type Files, tinyConfig, tinyModel, tinyTensors, tinyTokenizer } from '../fixtures/tiny-model.ts';

const parse = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

async function written(head: 'sequence' | 'token' | 'none', config: Record<string, unknown> = tinyConfig(head)) {
  const source = bytesSource('tiny', tinyModel(head));
  const weights = await floatWeights(source, parseConfig(tinyConfig(head), 'config.json'));
  const input = { config: parseConfig(config, 'config.json'), weights, tokenizer: tinyTokenizer(), maxLength: 64 };
  return huggingFaceFiles(input) as Files;
}

test.each(['sequence', 'token', 'none'] as const)(
  'tensors of a model with head %s are named as transformers does',
  async (head) => {
    const bytes = (await written(head))['model.safetensors'];
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = parse(bytes.subarray(8, 8 + length));
    expect(header.__metadata__).toEqual({ format: 'pt' });
    for (const { name, shape, bytes: values } of tinyTensors(head)) {
      const { dtype, shape: found, data_offsets } = header[name];
      expect({ dtype, shape: found }).toEqual({ dtype: 'F32', shape });
      const [from, to] = data_offsets.map((at: number) => 8 + length + at);
      expect(bytes.slice(from, to), name).toEqual(values);
    }
    expect(Object.keys(header).length).toBe(1 + tinyTensors(head).length);
  },
);

test('a DistilBERT keeps what its config.json says, and nothing that its reader would not know', async () => {
  const raw = { ...tinyConfig(), dropout: 0.3, seq_classif_dropout: 0.4, problem_type: 'multi_label_classification' };
  const config = parse((await written('sequence', { ...raw, _name_or_path: '/home/me' }))['config.json']);
  expect(config).toMatchObject({ ...raw, attention_dropout: 0.1 });
  expect(config._name_or_path).toBeUndefined();
});

test('a BERT becomes a DistilBERT', async () => {
  const bert = {
    model_type: 'bert',
    architectures: ['BertForTokenClassification'],
    id2label: { 0: 'O', 1: 'B-PER', 2: 'I-PER' },
    vocab_size: 100,
    hidden_size: 32,
    intermediate_size: 64,
    num_attention_heads: 2,
    num_hidden_layers: 2,
    hidden_act: 'relu',
    hidden_dropout_prob: 0.2,
    attention_probs_dropout_prob: 0.3,
    max_position_embeddings: 64,
    pad_token_id: 7,
    type_vocab_size: 2,
  };
  const config = parse((await written('token', bert))['config.json']);
  expect(config).toEqual({
    ...tinyConfig('token'),
    activation: 'relu',
    dropout: 0.2,
    attention_dropout: 0.3,
    seq_classif_dropout: 0.2,
    initializer_range: 0.02,
    sinusoidal_pos_embds: false,
    pad_token_id: 7,
    dtype: 'float32',
  });
});

test('the tokenizer gives no token_type_ids, which DistilBERT refuses', async () => {
  const files = await written('none');
  expect(parse(files['tokenizer.json'])).toEqual(tinyTokenizer());
  expect(parse(files['tokenizer_config.json'])).toEqual({
    tokenizer_class: 'PreTrainedTokenizerFast',
    model_max_length: 64,
    model_input_names: ['input_ids', 'attention_mask'],
    clean_up_tokenization_spaces: false,
    cls_token: '[CLS]',
    mask_token: '[MASK]',
    pad_token: '[PAD]',
    sep_token: '[SEP]',
    unk_token: '[UNK]',
  });
});

const OWN = { format: 1, dtype: 'q8', outlier_columns: 0, files: {} };
test.each([
  [
    'another epsilon',
    { layer_norm_eps: 1e-5 },
    "LayerNorm's epsilon 1e-12, as transformers' DistilBERT has it, got 0.00001",
  ],
  ['a head on means', { head: { pooling: 'mean', pre_classifier: true } }, 'pooling cls), as .* got mean'],
  ['a head on all layers', { head: { pooling: 'layers', pre_classifier: true } }, 'pooling cls), as .* got layers'],
  [
    'a linear head',
    { head: { pooling: 'cls', pre_classifier: false } },
    'a head with a pre_classifier, as .* a linear one',
  ],
])('%s is refused', async (_, { head, ...rest }: Record<string, unknown>, message) => {
  const config = { ...tinyConfig(), ...rest, bertwasm: { ...OWN, head } };
  await expect(written('sequence', config)).rejects.toThrow(new RegExp(message.replace(')', '\\)')));
});
