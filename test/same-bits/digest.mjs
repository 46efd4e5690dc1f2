// node digest.mjs base|relaxed|auto: SHA-256 of what the built package computes for the golden texts, as JSON.
// Plain JavaScript on dist/, since Node 20 reads no TypeScript.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pipeline, trainHead } from '../../dist/platform/node.js';

const golden = new URL('../golden/drift/texts.json', import.meta.url);
// Every third: of each source some, and of the long ones too.
const texts = JSON.parse(readFileSync(golden, 'utf8'))
  .filter((_, i) => i % 3 === 0)
  .map(({ text }) => text);
const simd = process.argv[2];

const classify = await pipeline('text-classification', undefined, { simd });
const extract = await pipeline('feature-extraction', undefined, { simd });
const options = { top_k: null, function_to_apply: 'none' };
const alone = [];
for (const text of texts) alone.push(await classify(text, options));
const batch = await classify(texts, options);
const reversed = (await classify([...texts].reverse(), options)).reverse();
const features = await extract(texts, { pooling: 'mean', normalize: true });
const probabilities = await classify(texts, { top_k: null });

// Every kernel of training, the cosine, the shuffles and the split: three runs of a few dozen steps.
const training = {
  encoder: classify,
  max_length: 64,
  per_device_train_batch_size: 4,
  num_train_epochs: 2,
  dropout: 0.2,
};
const short = texts.slice(0, 40);
const runs = [
  await trainHead(
    short.map((text, i) => ({ text, label: ['a', 'b', 'c'][i % 3] })),
    {
      ...training,
      head: 'distilbert',
      lr_scheduler_type: 'cosine',
      class_weights: 'balanced',
      label_smoothing_factor: 0.1,
    },
  ),
  await trainHead(
    short.map((text, i) => ({ text, label: ['a', 'b', 'c'].slice(0, i % 4) })),
    { ...training, pooling: 'mean', warmup_steps: 3 },
  ),
  await trainHead(
    short.map((text) => {
      const tokens = text.split(' ').slice(0, 30);
      return { tokens, tags: tokens.map((word) => (/^[A-Z]/.test(word) ? 'B-name' : 'O')) };
    }),
    { ...training, lr_scheduler_type: 'constant' },
  ),
];

const digest = (value) => createHash('sha256').update(value).digest('hex');
// JSON writes each number in the shortest form that gives the same bits again.
const ofJson = (value) => digest(JSON.stringify(value));
console.log(
  JSON.stringify({
    node: process.versions.node,
    texts: texts.length,
    alone: ofJson(alone),
    batch: ofJson(batch),
    reversed: ofJson(reversed),
    probabilities: ofJson(probabilities),
    features: digest(new Uint8Array(features.data.buffer)),
    heads: runs.map(({ head }) => digest(head.save())),
    metrics: ofJson(runs.map(({ metrics }) => metrics)),
  }),
);
