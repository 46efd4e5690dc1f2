import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/model/config.ts';
import { encoderLinears } from '../../src/model/names.ts';
import { writeOwnForm } from '../../src/model/own-form.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { verifiedSource } from '../../src/model/verified.ts';
import { nodeSha256 } from '../../src/platform/node-files.ts';
import {
  type Files,
  json,
  memoryWriter,
  tinyConfig,
  tinyModel,
  tinyOwnModel,
  tinyTokenizer,
} from '../fixtures/tiny-model.ts';
import { readModel } from './helpers.ts';

const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
const floats = (bytes: Uint8Array | undefined): Float32Array => new Float32Array((bytes as Uint8Array).slice().buffer);

test('holds Hugging Face’s config, a manifest, and files that pass its check', async () => {
  const files = await tinyOwnModel();
  const config = decode(files['config.json']) as Record<string, unknown>;
  expect(config).toMatchObject(tinyConfig());
  const { bertwasm } = parseConfig(config, 'config.json');
  expect(Object.keys(bertwasm?.files ?? {}).sort()).toEqual([
    'encoder.safetensors',
    'head.safetensors',
    'tokenizer.json',
  ]);
  expect(decode(files['tokenizer.json'])).toEqual(tinyTokenizer());
  await readModel(verifiedSource(bytesSource('own', files), nodeSha256));
});

test('weights come back within half a step, outlier columns and all else exactly', async () => {
  const original = await readModel(tinyModel());
  const own = await readModel(await tinyOwnModel());
  for (const [name, bytes] of original) {
    const scale = own.get(`${name}.scale`);
    if (!scale) {
      expect(own.get(name), name).toEqual(bytes);
      continue;
    }
    const values = floats(bytes);
    const weight = new Int8Array((own.get(name) as Uint8Array).buffer);
    const columns = own.has(`${name}.outlier_columns`) ? [3, 17] : [];
    const width = weight.length / floats(scale).length;
    floats(scale).forEach((step, row) => {
      for (let c = 0; c < width; c++) {
        const i = row * width + c;
        const outlier = columns.indexOf(c);
        if (outlier >= 0) {
          expect(weight[i]).toBe(0);
          expect(floats(own.get(`${name}.outliers`))[row * 2 + outlier]).toBe(values[i]);
        } else if (Math.abs(weight[i] * step - values[i]) > step * 0.5001) {
          throw new Error(`${name}[${i}]: expected ${values[i]}, got ${weight[i]} * ${step}`);
        }
      }
    });
  }
});

test('is the same bytes every time', async () => {
  expect(await tinyOwnModel('token')).toEqual(await tinyOwnModel('token'));
});

test('a BERT becomes a DistilBERT', async () => {
  const read = async (file: string) =>
    new Uint8Array(await readFile(new URL(`../golden/model/bert/${file}`, import.meta.url)));
  const bert = { ...(decode(await read('config.json')) as object), layer_norm_eps: 1e-5 };
  const files: Files = {};
  await writeOwnForm(memoryWriter(files), nodeSha256, {
    source: bytesSource('bert', { 'config.json': json(bert), 'model.safetensors': await read('model.safetensors') }),
    config: parseConfig(bert, 'config.json'),
    tokenizer: {},
    outlierColumns: new Map(),
  });
  const config = parseConfig(decode(files['config.json']), 'config.json');
  expect(config).toMatchObject({ modelType: 'distilbert', dim: 32, positions: 24, layerNormEps: 1e-5, head: 'none' });
  expect(Object.keys(files).sort()).toEqual(['config.json', 'encoder.safetensors', 'tokenizer.json']);
  await readModel(files);
});

test('a stray epsilon in a DistilBERT, which counts for nothing, is dropped', async () => {
  const raw = { ...tinyConfig(), layer_norm_eps: 0.01 };
  const config = parseConfig(raw, 'config.json');
  const files: Files = {};
  await writeOwnForm(memoryWriter(files), nodeSha256, {
    source: bytesSource('tiny', tinyModel()),
    config,
    tokenizer: {},
    outlierColumns: new Map(),
  });
  const own = parseConfig(decode(files['config.json']), 'config.json');
  expect(own.layerNormEps).toBe(config.layerNormEps);
  expect(own.raw).not.toHaveProperty('layer_norm_eps');
});

const config = parseConfig(tinyConfig(), 'config.json');
const columns = (of: (input: string) => number[]) =>
  new Map(encoderLinears(config).map(({ input }) => [input, of(input)]));

test.each<[string, Map<string, number[]>]>([
  ['as many for each', columns((input) => (input.endsWith('lin2') ? [1] : [1, 2]))],
  ['in range', columns(() => [31, 32])],
  ['ascending', columns(() => [2, 1])],
  ['at most 8', columns(() => [0, 1, 2, 3, 4, 5, 6, 7, 8])],
  ['for every layer', new Map([['transformer.layer.0.attention', [1]]])],
])('outlier columns must be %s', async (_name, outlierColumns) => {
  const files: Files = {};
  const source = bytesSource('tiny', tinyModel());
  const input = { source, config, tokenizer: {}, outlierColumns };
  await expect(writeOwnForm(memoryWriter(files), nodeSha256, input)).rejects.toThrow(/^transformer\..*: expected \d/);
  expect(files).toEqual({});
});

test('a quantised model is not quantised again', async () => {
  const own = await tinyOwnModel();
  const input = {
    source: bytesSource('own', own),
    config: parseConfig(decode(own['config.json']), 'config.json'),
    tokenizer: {},
    outlierColumns: new Map(),
  };
  await expect(writeOwnForm(memoryWriter({}), nodeSha256, input)).rejects.toThrow(
    'own: expected a float checkpoint, got a quantised model',
  );
});
