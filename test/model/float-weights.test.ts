import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { loadConfig } from '../../src/model/config.ts';
import { floatWeights } from '../../src/model/float-weights.ts';
import { encoderLinears } from '../../src/model/names.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { directorySource } from '../../src/platform/node-files.ts';
import { tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';

async function weightsOf(files: Record<string, Uint8Array>) {
  const source = bytesSource('tiny', files);
  const config = await loadConfig(source);
  return { config, weights: await floatWeights(source, config) };
}

test('what was quantised is back within half a step, the outlier columns and all else exactly', async () => {
  const { weights: original } = await weightsOf(tinyModel());
  const { config, weights } = await weightsOf(await tinyOwnModel());
  expect([...weights.keys()].sort()).toEqual([...original.keys()].sort());
  const integers = new Set(['embeddings.word_embeddings', ...encoderLinears(config).map(({ name }) => name)]);
  for (const [name, values] of original) {
    const got = weights.get(name) as Float32Array;
    if (!integers.has(name.replace(/\.weight$/, ''))) {
      expect(got, name).toEqual(values);
      continue;
    }
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    let [worst, same] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      worst = Math.max(worst, Math.abs(got[i] - values[i]));
      if (got[i] === values[i]) same++;
    }
    expect(worst, name).toBeLessThanOrEqual((largest / 127 / 2) * 1.0001);
    expect(worst, name).toBeGreaterThan(0);
    // Those in f32, and hardly any other.
    const columns = config.bertwasm?.outlier_columns ?? 0;
    if (name.startsWith('transformer')) {
      const N = values.length / (name.includes('lin2') ? config.hiddenDim : config.dim);
      expect(same, name).toBeGreaterThanOrEqual(N * columns);
    }
  }
});

const SENTIMENT = new URL('../../models/sentiment/', import.meta.url);

test.each([
  [
    'a tiny model',
    async () => (await tinyOwnModel())['encoder.safetensors'],
    async () => bytesSource('tiny', await tinyOwnModel()),
  ],
  [
    'the default model',
    async () => new Uint8Array(readFileSync(new URL('encoder.safetensors', SENTIMENT))),
    async () => directorySource(SENTIMENT.pathname),
  ],
])('of %s, by arithmetic on the bytes of its file', async (_, fileOf, sourceOf) => {
  const source = await sourceOf();
  const weights = await floatWeights(source, await loadConfig(source));
  const file = await fileOf();
  const view = new DataView(file.buffer);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
  const at = (name: string) => start + header[name].data_offsets[0];
  const quantized = Object.keys(header).filter((name) => header[name].dtype === 'I8');
  expect(quantized.length).toBeGreaterThan(12);
  for (const name of quantized) {
    const [N, K] = header[name].shape;
    const C = header[`${name}.outlier_columns`]?.shape[0] ?? 0;
    const columns = Array.from({ length: C }, (_, c) =>
      Number(view.getBigInt64(at(`${name}.outlier_columns`) + 8 * c, true)),
    );
    const expected = new Float32Array(N * K);
    const [q, scales, outliers] = [at(name), at(`${name}.scale`), C && at(`${name}.outliers`)];
    for (let n = 0; n < N; n++) {
      const scale = view.getFloat32(scales + 4 * n, true);
      for (let k = 0; k < K; k++) expected[n * K + k] = Math.fround(view.getInt8(q + n * K + k) * scale);
      for (let c = 0; c < C; c++) expected[n * K + columns[c]] = view.getFloat32(outliers + 4 * (n * C + c), true);
    }
    const got = weights.get(name.replace(/^distilbert\./, '')) as Float32Array;
    expect(Buffer.compare(Buffer.from(got.buffer), Buffer.from(expected.buffer)), name).toBe(0);
  }
});

test('a scale beyond f32 is told, and no infinity comes of it', async () => {
  const files = await tinyOwnModel();
  const bytes = files['encoder.safetensors'].slice();
  const view = new DataView(bytes.buffer);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const name = 'transformer.layer.0.ffn.lin1.weight';
  view.setFloat32(start + header[`distilbert.${name}.scale`].data_offsets[0], 3e38, true);
  await expect(weightsOf({ ...files, 'encoder.safetensors': bytes })).rejects.toThrow(
    new DataError(`tiny: ${name}: expected finite weights, got scales beyond f32`),
  );
});
