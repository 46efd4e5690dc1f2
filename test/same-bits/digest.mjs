// node digest.mjs base|relaxed|auto: SHA-256 of what the built package computes for the golden texts, as JSON.
// Plain JavaScript on dist/, since Node 20 reads no TypeScript.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pipeline } from '../../dist/platform/node.js';

const golden = new URL('../golden/drift/golden.json', import.meta.url);
// Every third: of each source some, and of the long ones too.
const texts = JSON.parse(readFileSync(golden, 'utf8'))
  .texts.filter((_, i) => i % 3 === 0)
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
  }),
);
