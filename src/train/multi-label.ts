import type { LabelMetrics } from '../tasks/confusion.ts';
import { type Counts, meanOf, type PrecisionRecall, precisionRecall, ratio, sumOf } from '../tasks/precision-recall.ts';

/** Figures of a classifier of several labels. The main ones are over all labels of all rows together (micro). */
export interface MultiLabelMetrics extends PrecisionRecall {
  rows: number;
  /** Part of the rows of which every label is right. */
  accuracy: number;
  /** Unweighted mean over the labels. */
  macro_f1: number;
  macro_precision: number;
  macro_recall: number;
  per_label: LabelMetrics[];
}

/**
 * @param targets [N, L] of 0 and 1
 * @param logits [N, L]; a label is predicted where its logit is above 0, which is a probability above one half
 */
export function multiLabelMetrics(
  targets: Float32Array,
  logits: Float32Array,
  labels: readonly string[],
): MultiLabelMetrics {
  const L = labels.length;
  const rows = targets.length / L;
  const counts = labels.map((): Counts => ({ right: 0, given: 0, predicted: 0 }));
  let whole = 0;
  for (let row = 0; row < rows; row++) {
    let same = true;
    for (let id = 0; id < L; id++) {
      const given = targets[row * L + id] > 0;
      const predicted = logits[row * L + id] > 0;
      if (given) counts[id].given++;
      if (predicted) counts[id].predicted++;
      if (given && predicted) counts[id].right++;
      if (given !== predicted) same = false;
    }
    if (same) whole++;
  }
  const per_label = counts.map((each, id) => ({ label: labels[id], ...precisionRecall(each), support: each.given }));
  const macro = meanOf(per_label);
  return {
    rows,
    accuracy: ratio(whole, rows),
    ...precisionRecall(sumOf(counts)),
    macro_f1: macro.f1,
    macro_precision: macro.precision,
    macro_recall: macro.recall,
    per_label,
  };
}
