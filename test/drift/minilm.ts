import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { meanRows } from '../../src/engine/pooling.ts';
import { nodePlatform } from '../../src/platform/node-platform.ts';
import { loadModel } from '../../src/tasks/pipeline.ts';
import { cosine } from './compare.ts';
import { atLeast, atMost, type Gate, MIN_MEAN_COSINE } from './drift.ts';
import { readTexts } from './golden.ts';

const directory = fileURLToPath(new URL('../../models/minilm', import.meta.url));
const goldens = new URL('../golden/drift/', import.meta.url);

export interface Cosines {
  mean: number;
  min: number;
}

export interface MinilmDrift {
  texts: number;
  /** Texts that the tokenizer reads otherwise. */
  otherIds: number;
  /** Of [CLS] in the last layer. */
  cls: Cosines;
  /** Of the mean of all tokens in the last layer. */
  mean: Cosines;
}

/** Cosines of models/minilm with the BERT it is made from, in fp32 under transformers. */
export async function minilmDrift(): Promise<MinilmDrift> {
  const { dim: D, texts: chosen } = JSON.parse(readFileSync(new URL('minilm.json', goldens), 'utf8'));
  const reference = new Float32Array(new Uint8Array(readFileSync(new URL('minilm.f32', goldens))).buffer);
  const texts = readTexts();
  const { model, tokenizer } = await loadModel(nodePlatform, 'feature-extraction', directory, {});
  const cls: number[] = [];
  const mean: number[] = [];
  let otherIds = 0;
  chosen.forEach((index: number, i: number) => {
    const { text, ids } = texts[index];
    if (tokenizer.encode(text).ids.join() !== ids.join()) otherIds++;
    const states = model.hiddenStates([ids])[0];
    cls.push(cosine(reference.subarray(2 * i * D, (2 * i + 1) * D), states.subarray(0, D)));
    mean.push(cosine(reference.subarray((2 * i + 1) * D, (2 * i + 2) * D), meanRows(states, D)));
  });
  model.dispose();
  return { texts: chosen.length, otherIds, cls: summary(cls), mean: summary(mean) };
}

export function gatesMinilm({ otherIds, cls, mean }: MinilmDrift): Gate[] {
  return [
    atMost('minilm: texts whose ids differ', otherIds, 0),
    atLeast('minilm: mean CLS cosine', cls.mean, MIN_MEAN_COSINE),
    atLeast('minilm: mean cosine of the means', mean.mean, 0.999),
  ];
}

function summary(cosines: readonly number[]): Cosines {
  return { mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length, min: Math.min(...cosines) };
}
