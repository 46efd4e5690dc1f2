import type { Decide } from './decisions.ts';
import type { Outputs, Side } from './sides.ts';

/** What quantisation changes. */
export interface Drift {
  /** Cosine of the last hidden states of [CLS]. */
  cosine: { mean: number; min: number };
  /** The text with the least of them. */
  leastText: number;
  /** Mean cosine of [CLS] after the embeddings, then after each layer. */
  layers: number[];
  /** Largest absolute change of a logit; 0 without a head. */
  logit: number;
  /** Part of the decisions of the head that stay; 1 without a head. */
  labelsEqual: number;
  /** The first text with another label. */
  labelsParted?: number;
  /** Part of the decisions that is right, where labels are given. */
  accuracy?: { q8: number; fp32: number };
}

/** A side that keeps of every text, in the order in which they came, what {@link drift} reads: 3 MB of 200 texts, where all outputs would be 1 GB. */
export function keepingCls(side: Side, D: number): Side & { kept: Outputs[] } {
  const kept: Outputs[] = [];
  return {
    kept,
    async run(ids) {
      const outputs = await side.run(ids);
      const read = [...outputs].filter(([name]) => !name.startsWith('input:'));
      kept.push(new Map(read.map(([name, values]) => [name, name === 'logits' ? values : values.slice(0, D)])));
      return outputs;
    },
    close: () => side.close(),
  };
}

/**
 * @param texts what each path makes of each text
 * @param D length of a hidden state
 * @param given decisions that are right, of each text; below 0 where that is not known
 */
export function drift(
  texts: readonly { q8: Outputs; fp32: Outputs }[],
  { layers, D, decide }: { layers: number; D: number; decide: Decide },
  given?: readonly (readonly number[])[],
): Drift {
  const cosinesOf = (layer: number) =>
    texts.map(({ q8, fp32 }) => {
      const [a, b] = [q8, fp32].map((outputs) => (outputs.get(`hidden:${layer}`) as Float32Array).subarray(0, D));
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    });
  const cosines = cosinesOf(layers);
  const min = Math.min(...cosines);
  let logit = 0;
  let labelsParted: number | undefined;
  const counts = { labels: 0, equal: 0, given: 0, q8: 0, fp32: 0 };
  for (const [text, { q8, fp32 }] of texts.entries()) {
    const [a, b] = [q8.get('logits'), fp32.get('logits')];
    if (!a || !b) continue;
    for (let i = 0; i < a.length; i++) logit = Math.max(logit, Math.abs(a[i] - b[i]));
    const [ours, theirs] = [decide(a), decide(b)];
    for (const [i, decision] of ours.entries()) {
      counts.labels++;
      if (decision === theirs[i]) counts.equal++;
      else labelsParted ??= text;
      const right = given?.[text][i];
      if (right === undefined || right < 0) continue;
      counts.given++;
      if (decision === right) counts.q8++;
      if (theirs[i] === right) counts.fp32++;
    }
  }
  return {
    cosine: { mean: mean(cosines), min },
    leastText: cosines.findIndex((cosine) => Number.isNaN(cosine) || cosine === min),
    layers: Array.from({ length: layers + 1 }, (_, layer) => mean(cosinesOf(layer))),
    logit,
    labelsEqual: counts.labels === 0 ? 1 : counts.equal / counts.labels,
    labelsParted,
    accuracy: counts.given === 0 ? undefined : { q8: counts.q8 / counts.given, fp32: counts.fp32 / counts.given },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
