import type { LabelMetrics } from '../tasks/confusion.ts';

/** Figures of a classifier of several labels, defined as scikit-learn defines them for indicators (`zero_division=0`). */
export interface MultiLabelMetrics {
  rows: number;
  /** Part of the rows of which every label is right. */
  accuracy: number;
  /** Over all labels of all rows together (micro). */
  f1: number;
  precision: number;
  recall: number;
  /** Unweighted mean over the labels. */
  macro_f1: number;
  macro_precision: number;
  macro_recall: number;
  per_label: LabelMetrics[];
}

interface Counts {
  right: number;
  given: number;
  predicted: number;
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
  const per_label = counts.map((each, id) => ({ label: labels[id], ...figures(each), support: each.given }));
  const sum = (key: keyof Counts) => counts.reduce((total, each) => total + each[key], 0);
  const macro = (key: 'precision' | 'recall' | 'f1') => per_label.reduce((total, each) => total + each[key], 0) / L;
  return {
    rows,
    accuracy: ratio(whole, rows),
    ...figures({ right: sum('right'), given: sum('given'), predicted: sum('predicted') }),
    macro_f1: macro('f1'),
    macro_precision: macro('precision'),
    macro_recall: macro('recall'),
    per_label,
  };
}

function figures({ right, given, predicted }: Counts): { precision: number; recall: number; f1: number } {
  return {
    precision: ratio(right, predicted),
    recall: ratio(right, given),
    f1: ratio(2 * right, predicted + given),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
