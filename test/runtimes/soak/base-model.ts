import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, type ModelConfig, parseConfig } from '../../../src/model/config.ts';
import { encoderLinears, expectedTensors, type Shape } from '../../../src/model/names.ts';
import { writeOwnForm } from '../../../src/model/own-form.ts';
import { serializeHeader } from '../../../src/model/safetensors.ts';
import { writeShards } from '../../../src/model/shard.ts';
import { functionSource } from '../../../src/model/sources/files.ts';
import { nodeSha256 } from '../../../src/platform/node-files.ts';
import { nodeModelSource } from '../../../src/platform/node-platform.ts';
import { directoryWriter } from '../../../src/platform/node-target.ts';
import { random } from '../../fixtures/random.ts';
import { memoryWriter } from '../../fixtures/tiny-model.ts';
import { MODEL, ROOT } from '../paths.ts';

/** distilbert-base-uncased's: 66 million weights. */
const SHAPE = {
  model_type: 'distilbert',
  architectures: ['DistilBertForSequenceClassification'],
  vocab_size: 30_522,
  max_position_embeddings: 512,
  dim: 768,
  hidden_dim: 3072,
  n_heads: 12,
  n_layers: 6,
  id2label: { 0: 'NEGATIVE', 1: 'POSITIVE' },
};

/** Cloudflare's limit of an asset. */
const MOST_BYTES = 25 * 2 ** 20;

/** Outlier columns of every layer: as many as the own form holds, so that no real model takes more memory. */
const COLUMNS = Array.from({ length: 8 }, (_, i) => 90 * i);

/** A q8 model of DistilBERT-base's shape with seeded weights, in parts, made once under build/; gives its directory. */
export async function baseModel(): Promise<string> {
  const directory = join(ROOT, 'build', 'runtimes', 'distilbert-base');
  if (existsSync(directory)) return directory;
  const config = parseConfig(SHAPE, 'config.json');
  const files: Record<string, Uint8Array> = {};
  await writeOwnForm(memoryWriter(files), nodeSha256, {
    source: functionSource('seeded', (file) => (file === 'model.safetensors' ? checkpoint(config) : undefined)),
    config,
    tokenizer: JSON.parse(await readFile(join(MODEL, 'tokenizer.json'), 'utf8')),
    outlierColumns: new Map(encoderLinears(config).map(({ input }) => [input, COLUMNS])),
  });
  const whole = nodeModelSource(files);
  await writeShards(await directoryWriter(directory), whole, await loadConfig(whole), MOST_BYTES);
  return directory;
}

/** A model.safetensors in f32 of 268 MB, made tensor by tensor. */
function checkpoint(config: ModelConfig): ReadableStream<Uint8Array> {
  const pieces = checkpointPieces(config);
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* checkpointPieces(config: ModelConfig): Generator<Uint8Array, undefined> {
  const tensors = [...expectedTensors(config)];
  const next = random(1);
  yield serializeHeader(tensors.map(([name, shape]) => ({ name, dtype: 'F32', shape })));
  for (const [name, shape] of tensors) yield seeded(name, shape, next);
}

/** Small enough that no layer overflows, and gains about 1. */
function seeded(name: string, shape: Shape, next: () => number): Uint8Array {
  const centre = /layer_?norm\.weight$/i.test(name) ? 1 : 0;
  const values = new Float32Array(shape.reduce((a, b) => a * b));
  for (let i = 0; i < values.length; i++) values[i] = centre + 0.07 * (next() - 0.5);
  return new Uint8Array(values.buffer);
}
