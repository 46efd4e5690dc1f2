import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { checkVocabulary, LIMITS, parseConfig } from '../../src/model/config.ts';
import { tinyConfig } from '../fixtures/tiny-model.ts';

const bert = { ...tinyBert(), architectures: ['BertForTokenClassification'] };

function tinyBert(): Record<string, unknown> {
  return {
    model_type: 'bert',
    hidden_size: 32,
    intermediate_size: 64,
    num_attention_heads: 2,
    num_hidden_layers: 2,
    max_position_embeddings: 24,
    vocab_size: 40,
  };
}

test('reads a DistilBERT as transformers writes it', () => {
  const raw = tinyConfig('sequence');
  expect(parseConfig(raw, 'config.json')).toEqual({
    modelType: 'distilbert',
    vocabSize: 100,
    dim: 32,
    hiddenDim: 64,
    heads: 2,
    layers: 2,
    positions: 64,
    activation: 'gelu',
    layerNormEps: 1e-12,
    head: 'sequence',
    pooling: 'cls',
    preClassifier: true,
    labels: ['NEGATIVE', 'POSITIVE'],
    problemType: undefined,
    bertwasm: undefined,
    raw,
  });
});

test('reads a BERT as transformers writes it', async () => {
  const raw = JSON.parse(await readFile(new URL('../golden/model/bert/config.json', import.meta.url), 'utf8'));
  expect(parseConfig(raw, 'config.json')).toMatchObject({
    modelType: 'bert',
    vocabSize: 40,
    dim: 32,
    hiddenDim: 64,
    heads: 2,
    positions: 24,
    layerNormEps: 1e-12,
    head: 'none',
    labels: [],
  });
});

test('BERT has its own epsilon, DistilBERT a fixed one', () => {
  expect(parseConfig({ ...bert, layer_norm_eps: 1e-5 }, 'c').layerNormEps).toBe(1e-5);
  expect(parseConfig({ ...tinyConfig(), layer_norm_eps: 1e-5 }, 'c').layerNormEps).toBe(1e-12);
});

test('labels default to transformers’ LABEL_i', () => {
  const { id2label: _, ...rest } = tinyConfig();
  expect(parseConfig(rest, 'c').labels).toEqual(['LABEL_0', 'LABEL_1']);
  expect(parseConfig({ ...rest, num_labels: 3 }, 'c').labels).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2']);
});

test('a model without architectures has no head', () => {
  expect(parseConfig(tinyBert(), 'c').head).toBe('none');
});

const manifest = { format: 1, dtype: 'q8', outlier_columns: 2, files: {} };
const sha256 = '0'.repeat(64);

test.each<[string, Record<string, unknown>, RegExp]>([
  ['model_type', { model_type: 'roberta' }, /^c: model_type: expected "distilbert" or "bert", got "roberta"$/],
  ['dim 0', { dim: 0 }, /^c: dim: expected a multiple of 16 from 1 to 4096, got 0$/],
  ['dim of no multiple', { dim: 40 }, /dim: expected a multiple of 16/],
  ['dim as a string', { dim: '32' }, /dim: expected a multiple of 16 from 1 to 4096, got "32"/],
  ['hidden_dim', { hidden_dim: LIMITS.hiddenDim + 16 }, /hidden_dim: expected a multiple of 16 from 1 to 16384/],
  ['layers', { n_layers: 1e9 }, /n_layers: expected an integer from 1 to 48, got 1000000000/],
  [
    'positions',
    { max_position_embeddings: 1.5 },
    /max_position_embeddings: expected an integer from 1 to 8192, got 1.5/,
  ],
  ['vocabulary', { vocab_size: null }, /vocab_size: expected an integer from 1 to 1000000, got null/],
  ['heads', { n_heads: 3 }, /n_heads: expected heads of a width that is a multiple of 8 in 32, got 3/],
  ['narrow heads', { n_heads: 16 }, /n_heads: expected heads of a width that is a multiple of 8/],
  ['activation', { activation: 'gelu_new' }, /activation: expected "gelu" or "relu", got "gelu_new"/],
  [
    'architecture',
    { architectures: ['DistilBertForQuestionAnswering'] },
    /architectures: expected one of DistilBertModel/,
  ],
  ['an inherited architecture', { architectures: ['toString'] }, /architectures: expected one of DistilBertModel/],
  ['architectures', { architectures: 'DistilBertModel' }, /architectures: expected a list of one name/],
  [
    'a gap in labels',
    { id2label: { 0: 'a', 2: 'b' } },
    /id2label: expected a label of plain text for each id from 0 to 1/,
  ],
  ['equal labels', { id2label: { 0: 'a', 1: 'a' } }, /id2label: expected labels that differ/],
  ['labels of another kind', { id2label: { 0: 1 } }, /id2label: expected a label of plain text/],
  ['a label with an escape', { id2label: { 0: '\u001b[2J' } }, /id2label: expected a label of plain text .*\\u001b/],
  ['no labels', { id2label: {} }, /id2label: expected an object of 1 to 10000 labels, got \{\}/],
  ['num_labels', { id2label: null, num_labels: 1e9 }, /num_labels: expected an integer from 1 to 10000/],
  ['num_labels beside other labels', { num_labels: 3 }, /num_labels: expected 2, as many as id2label has, got 3/],
  ['problem_type', { problem_type: 'ranking' }, /problem_type: expected single_label_classification/],
  ['a decoder', { is_decoder: true }, /is_decoder: expected an encoder, got true/],
  ['relative positions', { position_embedding_type: 'relative_key' }, /position_embedding_type: expected "absolute"/],
  ['a later format', { bertwasm: { ...manifest, format: 2 } }, /bertwasm.format: expected 1, got 2/],
  ['another quantisation', { bertwasm: { ...manifest, dtype: 'q4' } }, /bertwasm.dtype: expected "q8", got "q4"/],
  [
    'outlier columns',
    { bertwasm: { ...manifest, outlier_columns: 9 } },
    /outlier_columns: expected an integer from 0 to 8, got 9/,
  ],
  ['a manifest of another kind', { bertwasm: [] }, /bertwasm: expected an object, got \[\]/],
  ['files of another kind', { bertwasm: { ...manifest, files: [] } }, /bertwasm.files: expected an object/],
  [
    'a path',
    { bertwasm: { ...manifest, files: { '../x': { size: 1, sha256 } } } },
    /expected plain file names, got "..\/x"/,
  ],
  [
    'a short hash',
    { bertwasm: { ...manifest, files: { x: { size: 1, sha256: 'ab' } } } },
    /files\["x"\]: expected a size and a sha256/,
  ],
])('rejects %s', (_name, change, message) => {
  const parse = () => parseConfig({ ...tinyConfig(), ...change }, 'c');
  expect(parse).toThrow(DataError);
  expect(parse).toThrow(message);
});

test('says why a BERT sequence classifier does not convert', () => {
  expect(() => parseConfig({ ...bert, architectures: ['BertForSequenceClassification'] }, 'c')).toThrow(
    'c: architectures: expected a head without BERT’s pooler, which conversion to DistilBERT drops, got ["BertForSequenceClassification"]',
  );
});

test('keys of the prototype say nothing', () => {
  const hostile = JSON.parse('{"__proto__": {"dim": 32}, "constructor": {"name": "x"}}');
  expect(() => parseConfig({ ...tinyConfig(), dim: undefined, ...hostile }, 'c')).toThrow('c: dim: expected');
});

test('a tokenizer may be smaller than the vocabulary, never larger', () => {
  const config = parseConfig(tinyConfig(), 'c');
  checkVocabulary(100, config, 'tokenizer.json');
  expect(() => checkVocabulary(101, config, 'tokenizer.json')).toThrow(
    'tokenizer.json: expected a tokenizer of at most 100 ids (vocab_size), got 101',
  );
});

test('any value for any key gives a configuration or a DataError', () => {
  const valid = { ...tinyConfig(), bertwasm: { ...manifest, files: { x: { size: 1, sha256 } } } };
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(valid)), fc.jsonValue(), (key, value) => {
      try {
        const { dim, heads } = parseConfig({ ...valid, [key]: value }, 'c');
        expect(dim % heads).toBe(0);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        expect(error.message).not.toContain('\n');
      }
    }),
    { numRuns: 2000 },
  );
});
