import { expect, test } from 'vitest';
import { loadConfig } from '../../src/model/config.ts';
import { floatWeights } from '../../src/model/float-weights.ts';
import { encoderLinears } from '../../src/model/names.ts';
import { bytesSource } from '../../src/model/source.ts';
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
