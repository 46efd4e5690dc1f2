/** How often something is given, predicted, and both. */
export interface Counts {
  given: number;
  predicted: number;
  right: number;
}

/** As scikit-learn defines them with `zero_division=0`: 0 where there is nothing to divide by. */
export interface PrecisionRecall {
  precision: number;
  recall: number;
  f1: number;
}

export function precisionRecall({ given, predicted, right }: Counts): PrecisionRecall {
  return {
    precision: ratio(right, predicted),
    recall: ratio(right, given),
    f1: ratio(2 * right, predicted + given),
  };
}

/** All together. */
export function sumOf(counts: Iterable<Counts>): Counts {
  const sum = { given: 0, predicted: 0, right: 0 };
  for (const { given, predicted, right } of counts) {
    sum.given += given;
    sum.predicted += predicted;
    sum.right += right;
  }
  return sum;
}

/** The mean of each figure, by default unweighted. */
export function meanOf<T extends PrecisionRecall>(
  each: readonly T[],
  weightOf: (figures: T) => number = () => 1,
): PrecisionRecall {
  const total = each.reduce((sum, figures) => sum + weightOf(figures), 0);
  const mean = (name: keyof PrecisionRecall) =>
    ratio(
      each.reduce((sum, figures) => sum + figures[name] * weightOf(figures), 0),
      total,
    );
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
