import { bytesSource } from '../../src/model/sources/bytes.ts';
import { verifiedSource } from '../../src/model/verified.ts';
import { nodeSha256 } from '../../src/platform/node-files.ts';
import {
  concat,
  type Files,
  type FileTensor,
  json,
  TINY_VOCAB,
  tinyConfig,
  tinyModel,
  tinyOwnModel,
  tinyShardedModel,
  utf8,
} from '../fixtures/tiny-model.ts';
import { type Attack, classify } from './attack.ts';
import {
  headerLength,
  type Json,
  replace,
  setColumns,
  setFloat,
  setFloats,
  withConfig,
  withEncoder,
  withFile,
  withHeader,
  withIndex,
  withManifest,
  withTensors,
} from './tamper.ts';

/** A model held in memory that must be refused with its own error. */
function model(name: string, files: () => Files | Promise<Files>, error: RegExp): Attack {
  const run = async () => classify(verifiedSource(bytesSource('m', await files()), nodeSha256));
  return { name, run, expected: error };
}

const U8 = (begin: number, end: number) => ({ dtype: 'U8', shape: [end - begin], data_offsets: [begin, end] });

const headers: Attack[] = [
  model('an empty weights file', () => withFile(() => new Uint8Array(0)), /a safetensors header, got 0 bytes/),
  model('cut inside the header', () => withFile((b) => b.subarray(0, 500)), /a header of \d+ bytes, got 492/),
  model('cut inside the data', () => withFile((b) => b.subarray(0, -4)), /expected (\d+) bytes of tensors, got \d+/),
  model(
    'bytes after the data',
    () => withFile((b) => concat([b, new Uint8Array(7)])),
    /expected 94088 bytes of tensors, got 94095$/,
  ),
  model(
    'a header length of 2^64 - 1',
    () => withFile((b) => concat([headerLength(2n ** 64n - 1n), b.subarray(8)])),
    /expected a header of at most 25000000 bytes, got 18446744073709551615/,
  ),
  model(
    'a header length just past the file',
    () => withFile((b) => concat([headerLength(BigInt(b.length - 7)), b.subarray(8)])),
    /expected a header of (\d+) bytes, got \d+/,
  ),
  model('a header that is an array', () => withHeader('[1]', 0), /a header that starts with "\{", got another byte/),
  model('a header of broken JSON', () => withHeader('{"a":', 0), /expected JSON, got "\{\\"a\\":"/),
  model('a header of invalid UTF-8', () => withHeader(Uint8Array.of(0x7b, 0xff, 0x7d), 0), /expected UTF-8, got/),
  model(
    'a header nested 1,000,000 deep',
    () => withHeader(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, 0),
    /model.safetensors: expected at most 64 levels, got more/,
  ),
  model(
    'a header of 100,000 tensors',
    () => withHeader(Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`t${i}`, U8(i, i + 1)])), 1e5),
    /: t0: expected a tensor of the model, got another/,
  ),
  model(
    'a header of 100,001 tensors',
    () => withHeader(Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`t${i}`, U8(0, 0)])), 0),
    /expected at most 100000 tensors, got 100001/,
  ),
  model('a tensor twice', () => withHeader('{"a":{},"a":{}}', 0), /expected each key once, got "a" twice/),
  model('overlapping tensors', () => withHeader({ a: U8(0, 8), b: U8(4, 12) }, 12), /: b: .* got 4 \(an overlap\)/),
  model(
    'two tensors of the same bytes',
    () => withHeader({ a: U8(0, 8), b: U8(0, 8) }, 8),
    /: b: .* from byte 8, got 0/,
  ),
  model('a hole between tensors', () => withHeader({ a: U8(0, 8), b: U8(9, 12) }, 12), /: b: .* got 9 \(a hole\)/),
  model('a hole before the first tensor', () => withHeader({ a: U8(8, 9) }, 9), /: a: .* byte 0, got 8 \(a hole\)/),
  model(
    'data that ends before it begins',
    () => withHeader({ a: { ...U8(0, 8), data_offsets: [8, 0] } }, 8),
    /: a: expected data_offsets, got \[8,0\]/,
  ),
  model(
    'a shape whose size overflows to that of the data',
    () => withHeader({ a: { ...U8(0, 0), shape: [2 ** 32, 2 ** 32, 2 ** 32] } }, 0),
    /: a: expected a shape of fewer than 2\^53 bytes/,
  ),
  model(
    'a shape of another size than the data',
    () => withHeader({ a: { ...U8(0, 8), shape: [2, 3] } }, 8),
    /: a: expected 6 bytes for U8 \[2,3\], got 8/,
  ),
  model(
    'a negative size',
    () => withHeader({ a: { ...U8(0, 8), shape: [-8, -1] } }, 8),
    /: a: expected a shape of up to 8 sizes, got \[-8,-1\]/,
  ),
  model('an unknown dtype', () => withHeader({ a: { ...U8(0, 8), dtype: 'F64' } }, 8), /: a: expected dtype .*"F64"/),
  model(
    'a terminal escape in a name',
    () => withHeader(`{"\\u001b[2Ja":${JSON.stringify(U8(0, 8))}}`, 8),
    /expected a tensor name of 1 to 256 printable characters, got "\\u001b\[2Ja"/,
  ),
  model(
    'a tensor called __proto__',
    () => withHeader(`{"__proto__":${JSON.stringify(U8(0, 8))}}`, 8),
    /: __proto__: expected a tensor of the model, got another/,
  ),
  model(
    'metadata of numbers',
    () => withHeader({ __metadata__: { a: 1 } }, 0),
    /__metadata__: expected an object of st/,
  ),
];

const WORDS = 'distilbert.embeddings.word_embeddings.weight';
const POSITIONS = 'distilbert.embeddings.position_embeddings.weight';
const QUERY = 'distilbert.transformer.layer.0.attention.q_lin.weight';

/** The same tensor in 16 bits, all ones but for one element of these bits. */
const halves = (dtype: 'F16' | 'BF16', one: number, index: number, bits: number) => (tensor: FileTensor) => {
  const values = new Uint16Array(tensor.bytes.length / 4).fill(one);
  values[index] = bits;
  return { dtype, bytes: new Uint8Array(values.buffer) };
};

const weights: Attack[] = [
  model('no weights', () => ({ ...tinyModel(), 'model.safetensors': undefined as never }), /index.json, got neither/),
  model(
    'a tensor missing',
    () => withTensors((tensors) => tensors.filter(({ name }) => name !== QUERY)),
    /^transformer.layer.0.attention.q_lin.weight: expected in the checkpoint, got 39 other tensors/,
  ),
  model(
    'a tensor too many',
    () => withTensors((tensors) => [...tensors, { ...tensors[0], name: 'distilbert.evil' }]),
    /: distilbert.evil: expected a tensor of the model, got another/,
  ),
  model(
    'a tensor with and without its prefix',
    () => withTensors((tensors) => [...tensors, { ...tensors[0], name: 'embeddings.word_embeddings.weight' }]),
    /expected embeddings.word_embeddings.weight once, got it twice/,
  ),
  model(
    'a transposed tensor',
    () => withTensors(replace(WORDS, ({ shape }) => ({ shape: shape.toReversed() }))),
    /word_embeddings.weight: expected shape \[100,32\], got \[32,100\]/,
  ),
  model(
    'a flat tensor',
    () => withTensors(replace(QUERY, () => ({ shape: [1024] }))),
    /q_lin.weight: expected shape \[32,32\], got \[1024\]/,
  ),
  model(
    'integers for floats',
    () => withTensors(replace(QUERY, () => ({ dtype: 'I8', bytes: new Uint8Array(1024) }))),
    /q_lin.weight: expected F32, F16 or BF16, got I8/,
  ),
  model('NaN in F32', () => withTensors(setFloat(QUERY, 700, Number.NaN)), /q_lin.weight: .* got NaN at index 700/),
  model(
    'infinity in F16',
    () => withTensors(replace(WORDS, halves('F16', 0x3c00, 3199, 0x7c00))),
    /word_embeddings.weight: expected finite values, got Infinity at index 3199/,
  ),
  model(
    'minus infinity in BF16',
    () => withTensors(replace(POSITIONS, halves('BF16', 0x3f80, 5, 0xff80))),
    /position_embeddings.weight: expected finite values, got -Infinity at index 5/,
  ),
  model(
    'NaN in the head',
    () => withTensors(setFloat('classifier.bias', 1, Number.NaN)),
    /classifier.bias: .* index 1/,
  ),
  model('a layer more than config.json says', () => withConfig({ n_layers: 1 }), /layer.1.*expected a tensor of the m/),
  model('a layer less than config.json says', () => withConfig({ n_layers: 3 }), /^transformer.layer.2.* expected in/),
  model('a label more than the head has', () => withConfig({ id2label: { 0: 'a', 1: 'b', 2: 'c' } }), /shape \[3,32\]/),
  model(
    'a config.json of 4 GB for a file of 100 kB',
    () => withConfig({ vocab_size: 1_000_000, dim: 1024, n_heads: 16 }),
    /4 GiB|expected shape \[1000000,1024\], got \[100,32\]/,
  ),
];

const LIN2 = 'distilbert.transformer.layer.1.ffn.lin2.weight';

const ownForm: Attack[] = [
  model('a NaN scale', () => withEncoder(setFloat(`${LIN2}.scale`, 4, Number.NaN)), /lin2.weight.scale: .* NaN at ind/),
  model('an infinite scale', () => withEncoder(setFloat(`${LIN2}.scale`, 4, 1 / 0)), /lin2.weight.scale: .* got Inf/),
  model('a scale of 0', () => withEncoder(setFloat(`${LIN2}.scale`, 4, 0)), /scale: expected scales above 0, got 0 at/),
  model('a negative scale', () => withEncoder(setFloat(`${WORDS}.scale`, 9, -1)), /scales above 0, got -1 at index 9/),
  model(
    'an outlier column out of range',
    () => withEncoder(setColumns(`${LIN2}.outlier_columns`, [3n, 64n])),
    /lin2.weight.outlier_columns: expected ascending columns from 0 to 63, got \[3,64\]/,
  ),
  model(
    'a negative outlier column',
    () => withEncoder(setColumns(`${LIN2}.outlier_columns`, [-1n, 3n])),
    /expected ascending columns from 0 to 63, got \[-1,3\]/,
  ),
  model(
    'descending outlier columns',
    () => withEncoder(setColumns(`${LIN2}.outlier_columns`, [17n, 3n])),
    /expected ascending columns from 0 to 63, got \[17,3\]/,
  ),
  model(
    'an outlier column twice',
    () => withEncoder(setColumns(`${LIN2}.outlier_columns`, [3n, 3n])),
    /expected ascending columns from 0 to 63, got \[3,3\]/,
  ),
  model(
    'other outlier columns for q than for k',
    () => withEncoder(setColumns(`${QUERY}.outlier_columns`, [3n, 18n])),
    /lin.weight.outlier_columns: expected \[3,1[78]\] as in the layers that share its input, got \[3,1[78]\]/,
  ),
  model(
    'more outlier columns than the manifest says',
    () => withManifest((manifest) => ({ ...manifest, outlier_columns: 1 })),
    /outlier_columns: expected shape \[1\], got \[2\]/,
  ),
  model(
    '9 outlier columns',
    () => withManifest((manifest) => ({ ...manifest, outlier_columns: 9 })),
    /bertwasm.outlier_columns: expected an integer from 0 to 8, got 9/,
  ),
  model('NaN in the outliers', () => withEncoder(setFloat(`${LIN2}.outliers`, 0, Number.NaN)), /outliers: .* NaN/),
  model(
    'f32 weights under a q8 manifest',
    () => withEncoder(replace(LIN2, () => ({ dtype: 'F32', bytes: new Uint8Array(8192) }))),
    /lin2.weight: expected I8, got F32/,
  ),
  model(
    'f32 outlier columns',
    () => withEncoder(replace(`${LIN2}.outlier_columns`, () => ({ dtype: 'F32', bytes: new Uint8Array(8) }))),
    /lin2.weight.outlier_columns: expected I64, got F32/,
  ),
  model(
    'one bit of the weights flipped',
    async () => {
      const files = await tinyOwnModel();
      files['encoder.safetensors'][files['encoder.safetensors'].length - 1] ^= 1;
      return files;
    },
    /encoder.safetensors: expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/,
  ),
  model(
    'a tokenizer exchanged for another of its size',
    async () => {
      const files = await tinyOwnModel();
      files['tokenizer.json'].reverse();
      return files;
    },
    /tokenizer.json: expected SHA-256/,
  ),
  model(
    'a head cut short',
    async () => {
      const files = await tinyOwnModel();
      return { ...files, 'head.safetensors': files['head.safetensors'].subarray(1) };
    },
    /head.safetensors: expected \d+ bytes, got \d+/,
  ),
  model(
    'a file that the manifest lists missing',
    async () => ({ ...(await tinyOwnModel()), 'encoder.safetensors': undefined as never }),
    /encoder.safetensors: expected as config.json lists it, got no such file/,
  ),
  model(
    'a head that the manifest does not list',
    () =>
      withManifest((manifest) => {
        const { 'head.safetensors': _, ...files } = manifest.files as Json;
        return { ...manifest, files };
      }),
    /expected head.safetensors or head.safetensors.index.json, got neither/,
  ),
  model(
    'a path in the manifest',
    () => withManifest((manifest) => ({ ...manifest, files: { '../../etc/passwd': {} } })),
    /bertwasm.files: expected plain file names, got "..\/..\/etc\/passwd"/,
  ),
  model(
    'a size below 0 in the manifest',
    () => withManifest((manifest) => ({ ...manifest, files: { 'tokenizer.json': { size: -1, sha256: 'x' } } })),
    /bertwasm.files\["tokenizer.json"\]: expected a size and a sha256 of 64 hex digits/,
  ),
  model(
    'a pooling that does not exist',
    () => withManifest((manifest) => ({ ...manifest, head: { pooling: 'max', pre_classifier: true } })),
    /bertwasm\.head\.pooling: expected cls, mean, layers, got "max"/,
  ),
  model(
    'a pooling whose vectors do not fit the head',
    () => withManifest((manifest) => ({ ...manifest, head: { pooling: 'layers', pre_classifier: true } })),
    /pre_classifier\.weight: expected shape \[32,96\], got \[32,32\]/,
  ),
  model(
    'a linear probe with a pre_classifier in the file',
    () => withManifest((manifest) => ({ ...manifest, head: { pooling: 'cls', pre_classifier: false } })),
    /pre_classifier\.weight: expected a tensor of the model, got another/,
  ),
  model(
    'an encoder that is no name',
    () => withManifest((manifest) => ({ ...manifest, encoder: ['..'] })),
    /bertwasm\.encoder: expected the name of a package or a path, got \["\.\."\]/,
  ),
  model(
    'a terminal escape in the name of an encoder',
    () => withManifest((manifest) => ({ ...manifest, encoder: '\u001b[2J' })),
    /bertwasm\.encoder: expected the name of a package or a path, got "\\u001b\[2J"/,
  ),
  model('a later format', () => withManifest((manifest) => ({ ...manifest, format: 2 })), /format: expected 1, got 2/),
  model('a manifest of null', () => withConfig({ bertwasm: null }), /bertwasm: expected an object, got null/),
];

/** Tensors of the first shard, all said to lie in `file`. */
const movedTo = (file: string) => (index: { metadata: Json; weight_map: Json }) => ({
  ...index,
  weight_map: Object.fromEntries(
    Object.entries(index.weight_map).map(([name, shard]) => [name, shard === 'model-0.safetensors' ? file : shard]),
  ),
});
const sharded = (edit: Parameters<typeof withIndex>[1]) => withIndex(tinyShardedModel(), edit);

const shards: Attack[] = [
  model('a shard above the directory', () => sharded(movedTo('../model-0.safetensors')), /plain names .*"..\/model-0/),
  model('a shard by absolute path', () => sharded(movedTo('/etc/x.safetensors')), /plain names .*"\/etc\/x/),
  model('a shard with a NUL', () => sharded(movedTo('a\0.safetensors')), /plain names .*"a\\u0000.safetensors"/),
  model('a shard on a drive', () => sharded(movedTo('C:\\x.safetensors')), /plain names .*"C:/),
  model('a shard that is no weights file', () => sharded(movedTo('config.json')), /plain names .*"config.json"/),
  model('a shard that is a number', () => sharded(movedTo(7 as never)), /plain names of .safetensors files, got 7/),
  model('a shard missing', () => sharded(movedTo('model-9.safetensors')), /the shard model-9.safetensors, got no such/),
  model(
    'a tensor in two shards',
    () => {
      const files = tinyShardedModel();
      return { ...files, 'model-1.safetensors': files['model-0.safetensors'] };
    },
    /index.json: .*: expected in one shard, got a second in model-1.safetensors/,
  ),
  model(
    'a tensor in another shard than the index says',
    () => sharded((index) => ({ ...index, weight_map: { ...index.weight_map, [WORDS]: 'model-1.safetensors' } })),
    /word_embeddings.weight: expected in "model-1.safetensors", got in model-0.safetensors/,
  ),
  model(
    'a tensor that no shard holds',
    () => sharded((index) => ({ ...index, weight_map: { ...index.weight_map, x: 'model-1.safetensors' } })),
    /"x": expected in model-1.safetensors, got no such tensor/,
  ),
  model(
    'a tensor that the index leaves out',
    () =>
      sharded((index) => {
        const { [WORDS]: _, ...rest } = index.weight_map;
        return { ...index, weight_map: rest };
      }),
    /word_embeddings.weight: expected in weight_map as it is in model-0.safetensors, got no such key/,
  ),
  model('a wrong total_size', () => sharded((index) => ({ ...index, metadata: { total_size: 1 } })), /total_size: exp/),
  model('an index without its map', () => sharded(() => ({})), /weight_map: expected an object, got undefined/),
  model(
    '257 shards',
    () =>
      sharded(() => ({
        weight_map: Object.fromEntries(Array.from({ length: 257 }, (_, i) => [i, `${i}.safetensors`])),
      })),
    /expected at most 256 shards, got 257/,
  ),
];

/** config.json as text, so that it may hold what JSON.stringify cannot write. */
const configText = (edit: (text: string) => string): Files => {
  const text = edit(JSON.stringify(tinyConfig()));
  return { ...tinyModel(), 'config.json': utf8(text) };
};

const configs: Attack[] = [
  model(
    'no config.json',
    () => ({ ...tinyModel(), 'config.json': undefined as never }),
    /a model's config.json, got no/,
  ),
  model('an empty config.json', () => configText(() => ''), /config.json: expected JSON, got ""/),
  model('a config.json of an array', () => configText(() => '[]'), /config.json: expected an object, got \[\]/),
  model('a config.json of 5 MB', () => configText((t) => t + ' '.repeat(5e6)), /expected at most 4000000 bytes, got 5/),
  model(
    'a config.json nested 100,000 deep',
    () => configText(() => '['.repeat(1e5) + ']'.repeat(1e5)),
    /config.json: .*64/,
  ),
  model('a key twice', () => configText((t) => t.replace('{', '{"dim":16,')), /config.json: .* got "dim" twice/),
  model(
    'sizes only in the prototype',
    () => configText((t) => t.replace('"dim":32', '"__proto__":{"dim":32}')),
    /dim: .*und/,
  ),
  model(
    'a size of 1e999',
    () => configText((t) => t.replace('"dim":32', '"dim":1e999')),
    /dim: expected a multiple of 16 .* null/,
  ),
  model('a dim of 0', () => withConfig({ dim: 0 }), /dim: expected a multiple of 16 from 1 to 4096, got 0/),
  model('a size as a string', () => withConfig({ dim: '32' }), /dim: .* got "32"/),
  model('a negative vocabulary', () => withConfig({ vocab_size: -100 }), /vocab_size: .* got -100/),
  model('1,000,000,000 layers', () => withConfig({ n_layers: 1e9 }), /n_layers: expected an integer from 1 to 48/),
  model('heads that do not divide', () => withConfig({ n_heads: 3 }), /n_heads: expected heads of a width .* got 3/),
  model('half a position', () => withConfig({ max_position_embeddings: 63.5 }), /max_position_embeddings: .* got 63.5/),
  model('an unknown activation', () => withConfig({ activation: 'swish' }), /activation: expected "gelu" or "relu"/),
  model('an unknown model type', () => withConfig({ model_type: 'llama' }), /model_type: .* got "llama"/),
  model(
    'an inherited architecture',
    () => withConfig({ architectures: ['constructor'] }),
    /architectures: expected one/,
  ),
  model(
    'a BERT sequence head',
    () => withConfig({ architectures: ['BertForSequenceClassification'] }),
    /BERT’s pooler/,
  ),
  model(
    'a gap in the labels',
    () => withConfig({ id2label: { 0: 'a', 2: 'b' } }),
    /id2label: expected a label of plain/,
  ),
  model(
    'two equal labels',
    () => withConfig({ id2label: { 0: 'a', 1: 'a' } }),
    /id2label: expected labels that differ/,
  ),
  model(
    'a terminal escape in a label',
    () => withConfig({ id2label: { 0: '\u001b]0;x\u0007', 1: 'b' } }),
    /\\u001b\]0/,
  ),
  model('no labels', () => withConfig({ id2label: {} }), /id2label: expected an object of 1 to 10000 labels, got \{\}/),
  model(
    '1,000,000 labels',
    () => withConfig({ id2label: null, num_labels: 1e6 }),
    /num_labels: expected an integer fr/,
  ),
];

const tokenizers: Attack[] = [
  model(
    'no tokenizer',
    () => ({ ...tinyModel(), 'vocab.txt': undefined as never }),
    /tokenizer.json or vocab.txt, got/,
  ),
  model(
    'a tokenizer of more ids than the model has rows',
    () => ({ ...tinyModel(), 'vocab.txt': utf8([...TINY_VOCAB, 'extra'].join('\n')) }),
    /expected a tokenizer of at most 100 ids \(vocab_size\), got 101/,
  ),
  model(
    'a vocab.txt of invalid UTF-8',
    () => ({ ...tinyModel(), 'vocab.txt': Uint8Array.of(0xff) }),
    /vocab.txt: expected UTF-8/,
  ),
  model(
    'a tokenizer.json of broken JSON',
    () => ({ ...tinyModel(), 'tokenizer.json': utf8('{') }),
    /tokenizer.json: expected JSON/,
  ),
  model(
    'a tokenizer.json of null',
    () => ({ ...tinyModel(), 'tokenizer.json': json(null) }),
    /tokenizer.json: expected/,
  ),
  model(
    'a vocabulary without [UNK]',
    () => ({ ...tinyModel(), 'vocab.txt': utf8('a\nb\n') }),
    /vocab.txt unk_token: expected a token of the voc/,
  ),
];

const QUIET = TINY_VOCAB.indexOf('quiet');

const OVERFLOW = /expected finite results, got .*: its weights overflow f32/;

/** Finite weights whose products are not: there is no label to give. */
export const OVERFLOWS: Attack[] = [
  model('one word of huge weights', () => withTensors(setFloats(WORDS, QUIET * 32, 3e38, 32)), OVERFLOW),
  model('huge words throughout', () => withTensors(setFloats(WORDS, 0, 3e38)), OVERFLOW),
  model('huge queries', () => withTensors(setFloats(QUERY, 0, 3e38)), OVERFLOW),
  model('huge scales', () => withEncoder(setFloats(`${LIN2}.scale`, 0, 3e38)), OVERFLOW),
  // No outlier column carries the overflow of head 0 past the quantiser in f32.
  model(
    'huge scores in one head, quantised',
    () =>
      withEncoder((tensors) => {
        const attention = 'distilbert.transformer.layer.0.attention';
        const edits = [
          ...['q_lin', 'k_lin', 'v_lin', 'out_lin'].map((lin) =>
            setColumns(`${attention}.${lin}.weight.outlier_columns`, [17n, 18n]),
          ),
          ...['q_lin', 'k_lin'].map((lin) => setFloats(`${attention}.${lin}.weight.scale`, 0, 1e21, 16)),
        ];
        return edits.reduce((edited, edit) => edit(edited), tensors);
      }),
    OVERFLOW,
  ),
  // Every score is -Infinity: no weights to give, not equal ones.
  model(
    'scores of -Infinity',
    () =>
      withTensors((tensors) => {
        const bias = (lin: string) => `distilbert.transformer.layer.0.attention.${lin}.bias`;
        return setFloats(bias('k_lin'), 0, 1e20)(setFloats(bias('q_lin'), 0, -1e20)(tensors));
      }),
    OVERFLOW,
  ),
  model('a huge head', () => withTensors(setFloats('classifier.weight', 0, 3e38)), OVERFLOW),
];

export const MODELS: Attack[] = [...headers, ...weights, ...ownForm, ...shards, ...configs, ...tokenizers];
