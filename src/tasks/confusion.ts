export interface LabelMetrics {
  label: string;
  precision: number;
  recall: number;
  f1: number;
  /** Rows that have this label. */
  support: number;
}

/** Figures of a classifier, defined as scikit-learn defines them (`zero_division=0`). */
export interface Metrics {
  rows: number;
  accuracy: number;
  /** With two labels those of the second (the positive one); with any other number the same as `macro_…`. */
  f1: number;
  precision: number;
  recall: number;
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
    const right = ids.map((id) => this.counts[id][id]);
    const given = ids.map((id) => sum(this.counts[id]));
    const predicted = ids.map((id) => sum(ids.map((row) => this.counts[row][id])));
    const rows = sum(given);

    const per_label = ids.map((id) => ({
      label: this.labels[id],
      precision: ratio(right[id], predicted[id]),
      recall: ratio(right[id], given[id]),
      f1: ratio(2 * right[id], predicted[id] + given[id]),
      support: given[id],
    }));
    const occurring = per_label.filter((_, id) => given[id] + predicted[id] > 0);
    const macro = (figure: 'precision' | 'recall' | 'f1') =>
      ratio(sum(occurring.map((label) => label[figure])), occurring.length);
    const macroMetrics = { precision: macro('precision'), recall: macro('recall'), f1: macro('f1') };
    const { precision, recall, f1 } = this.labels.length === 2 ? per_label[1] : macroMetrics;

    return {
      rows,
      accuracy: ratio(sum(right), rows),
      f1,
      precision,
      recall,
      macro_f1: macroMetrics.f1,
      macro_precision: macroMetrics.precision,
      macro_recall: macroMetrics.recall,
      per_label,
      confusion_matrix: this.counts,
    };
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
