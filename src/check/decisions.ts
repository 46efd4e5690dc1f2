import type { HeadConfig } from '../model/head.ts';
import { predictions } from '../train/metrics.ts';

/** What a head says of its logits. */
export type Decide = (logits: Float32Array) => Int32Array;

/** The label id of each vector; where a text may have several labels, 1 or 0 for each label. */
export function decisions({ problemType, labels }: Pick<HeadConfig, 'problemType' | 'labels'>): Decide {
  if (problemType === 'multi_label_classification') return (logits) => Int32Array.from(logits, (x) => Number(x > 0));
  return (logits) => predictions(logits, labels.length);
}
