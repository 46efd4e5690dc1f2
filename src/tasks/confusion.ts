import { meanOf, type PrecisionRecall, precisionRecall, ratio, sumOf } from './precision-recall.ts';

export interface LabelMetrics extends PrecisionRecall {
  label: string;
  /** Rows that have this label. */
  support: number;
}

/**
 * Figures of a classifier. The main ones are with two labels those of the second (the positive one), and with any other
 * number the same as `macro_…`.
 */
export interface Metrics extends PrecisionRecall {
  rows: number;
  accuracy: number;
  /** Unweighted mean over the labels that occur, given or predicted. */
  macro_f1: number;
  macro_precision: number;
  macro_recall: number;
  per_label: LabelMetrics[];
  /** [L, L] row counts: given label by predicted label. */
  confusion_matrix: number[][];
}

/** Counts pairs of given and predicted label ids; memory is [L, L], whatever the number of rows. */
export class Confusion {
  readonly labels: readonly string[];
  readonly counts: number[][];

  constructor(labels: readonly string[]) {
    this.labels = labels;
    this.counts = labels.map(() => labels.map(() => 0));
  }

  add(given: number, predicted: number): void {
    this.counts[given][predicted]++;
  }

  metrics(): Metrics {
    const ids = this.labels.map((_, id) => id);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    const counts = ids.map((id) => ({
      given: sum(this.counts[id]),
      predicted: sum(ids.map((row) => this.counts[row][id])),
      right: this.counts[id][id],
    }));
    const { given: rows, right } = sumOf(counts);
    const per_label = counts.map((each, id) => ({
      label: this.labels[id],
      ...precisionRecall(each),
      support: each.given,
    }));
    const macro = meanOf(per_label.filter((_, id) => counts[id].given + counts[id].predicted > 0));
    const { precision, recall, f1 } = this.labels.length === 2 ? per_label[1] : macro;

    return {
      rows,
      accuracy: ratio(right, rows),
      f1,
      precision,
      recall,
      macro_f1: macro.f1,
      macro_precision: macro.precision,
      macro_recall: macro.recall,
      per_label,
      confusion_matrix: this.counts,
    };
  }
}
