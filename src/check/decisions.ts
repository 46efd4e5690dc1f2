import type { HeadConfig } from '../model/head.ts';
import { predictions } from '../train/metrics.ts';

/** What a head says of its logits. */
export type Decide = (logits: Float32Array) => Int32Array;

/** The label id of each vector; where a text may have several labels, 1 or 0 for each label. */
export function decisions({ problemType, labels }: Pick<HeadConfig, 'problemType' | 'labels'>): Decide {
  if (problemType === 'multi_label_classification') return (logits) => Int32Array.from(logits, (x) => Number(x > 0));
  return (logits) => predictions(logits, labels.length);
}

/** How far each decision is from another one: the best logit above the second best; of a label by itself, its logit from 0. */
export function margins(
  logits: Float32Array,
  { problemType, labels }: Pick<HeadConfig, 'problemType' | 'labels'>,
): Float32Array {
  if (problemType === 'multi_label_classification') return logits.map(Math.abs);
  const L = labels.length;
  return Float32Array.from({ length: logits.length / L }, (_, vector) => {
    const [best, second = Number.NEGATIVE_INFINITY] = logits
      .slice(vector * L, (vector + 1) * L)
      .sort()
      .reverse();
    return best - second;
  });
}
