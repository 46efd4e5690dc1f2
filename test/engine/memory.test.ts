import { afterEach, expect, it } from 'vitest';
import { Model } from '../../src/engine/model.ts';
import { type ModelConfig, parseConfig } from '../../src/model/config.ts';
import { encoderLinears, expectedTensors } from '../../src/model/names.ts';
import { writeOwnForm } from '../../src/model/own-form.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { nodeSha256 } from '../../src/platform/node-files.ts';
import { watchGaps } from '../fixtures/gaps.ts';
import { binaries } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';
import { type Files, json, memoryWriter, safetensorsFile, tinyTokenizer } from '../fixtures/tiny-model.ts';

/*
 * The memory plan: nothing may write to the gap after a region, whatever the shape.
 */

/** The memories in the order they are made. */
const [ENCODER, HEAD] = [0, 1];

let stop = () => {};
afterEach(() => stop());

/** A model of random weights in Hugging Face's form, and quantised with C outlier columns. */
async function models(overrides: Record<string, unknown>, C: number): Promise<{ config: ModelConfig; files: Files }[]> {
  const raw = {
    model_type: 'distilbert',
    vocab_size: 100,
    dim: 32,
    hidden_dim: 64,
    n_heads: 2,
    n_layers: 2,
    max_position_embeddings: 41,
    architectures: ['DistilBertForSequenceClassification'],
    ...overrides,
  };
  const config = parseConfig(raw, 'config.json');
  const next = random(3);
  const tensors = Array.from(expectedTensors(config), ([name, shape]) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next() - 0.5);
    return { name, shape, dtype: 'F32' as const, bytes: new Uint8Array(values.buffer) };
  });
  const files: Files = { 'config.json': json(raw), 'model.safetensors': safetensorsFile(tensors) };
  const own: Files = {};
  const columns = Array.from({ length: C }, (_, i) => i);
  await writeOwnForm(memoryWriter(own), nodeSha256, {
    source: bytesSource('random', files),
    config,
    tokenizer: tinyTokenizer(),
    outlierColumns: new Map(encoderLinears(config).map(({ input }) => [input, columns])),
  });
  const quantised = parseConfig(JSON.parse(new TextDecoder().decode(own['config.json'])), 'config.json');
  return [
    { config, files },
    { config: quantised, files: own },
  ];
}

const labels = (count: number) => ({
  id2label: Object.fromEntries(Array.from({ length: count }, (_, i) => [i, `l${i}`])),
});
const TOKEN = { architectures: ['DistilBertForTokenClassification'] };

it.each([
  ['more labels than 3 D', labels(777), 0],
  ['more labels than 3 D, a label a token', { ...TOKEN, ...labels(777) }, 3],
  ['one label', labels(1), 8],
  ['D over F', { dim: 64, hidden_dim: 16 }, 8],
  ['F over 3 D', { dim: 16, n_heads: 1, hidden_dim: 512 }, 1],
  ['one position', { max_position_embeddings: 1 }, 2],
  ['positions past a multiple of 8 and of the queries at once', { max_position_embeddings: 73 }, 4],
  ['narrow heads', { dim: 64, n_heads: 8 }, 4],
] as const)('every write stays in its region: %s', async (_, overrides, C) => {
  for (const { config, files } of await models(overrides, C)) {
    for (const maxTokens of [1, 600]) {
      const { memories, fill, check, ...watch } = watchGaps();
      stop = watch.stop;
      const model = await Model.load(bytesSource('random', files), config, binaries, { maxTokens });
      check(ENCODER, 21, model.memory.weights - memories[HEAD].bytes.length);
      // Files were read into the activations, gaps and all.
      fill();
      const { positions } = config;
      const batch = [1, 2, 3, positions, positions - 1, 33, positions, 7]
        .filter((length) => length >= 1 && length <= positions)
        .map((length) => Array.from({ length }, (_, i) => (i * 7) % 100));
      model.hiddenStates(batch);
      if (config.head === 'sequence') model.logits(batch);
      else model.tokenLogits(batch);
      check(ENCODER, 21);
      check(HEAD, 4);
      expect(model.memory.total).toBe(memories[ENCODER].bytes.length + memories[HEAD].bytes.length);
      stop();
    }
  }
});
