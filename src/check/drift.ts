import { predictions } from '../train/metrics.ts';
import type { Outputs } from './sides.ts';

/** What quantisation changes. */
export interface Drift {
  /** Cosine of the last hidden states of [CLS]. */
  cosine: { mean: number; min: number };
  /** Largest absolute change of a logit; 0 without a head. */
  logit: number;
  /** Part of the labels that stay; 1 without a head. */
  labelsEqual: number;
  /** Part that is right, where labels are given. */
  accuracy?: { q8: number; fp32: number };
}

/**
 * @param texts what each path makes of each text
 * @param D length of a hidden state
 * @param L labels of the head
 * @param given label ids of each text, of each token where the head labels those
 */
export function drift(
  texts: readonly { q8: Outputs; fp32: Outputs }[],
  { layers, D, L }: { layers: number; D: number; L: number },
  given?: readonly (readonly number[])[],
): Drift {
  const cosines = texts.map(({ q8, fp32 }) => {
    const [a, b] = [q8, fp32].map((outputs) => (outputs.get(`hidden:${layers}`) as Float32Array).subarray(0, D));
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  });
  let logit = 0;
  const counts = { labels: 0, equal: 0, given: 0, q8: 0, fp32: 0 };
  for (const [text, { q8, fp32 }] of texts.entries()) {
    const [a, b] = [q8.get('logits'), fp32.get('logits')];
    if (!a || !b) continue;
    for (let i = 0; i < a.length; i++) logit = Math.max(logit, Math.abs(a[i] - b[i]));
    const [ours, theirs] = [predictions(a, L), predictions(b, L)];
    for (const [i, id] of ours.entries()) {
      counts.labels++;
      if (id === theirs[i]) counts.equal++;
      const right = given?.[text][i];
      if (right === undefined || right < 0) continue;
      counts.given++;
      if (id === right) counts.q8++;
      if (theirs[i] === right) counts.fp32++;
    }
  }
  return {
    cosine: { mean: cosines.reduce((a, b) => a + b, 0) / cosines.length, min: Math.min(...cosines) },
    logit,
    labelsEqual: counts.labels === 0 ? 1 : counts.equal / counts.labels,
    accuracy: counts.given === 0 ? undefined : { q8: counts.q8 / counts.given, fp32: counts.fp32 / counts.given },
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
