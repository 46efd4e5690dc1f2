import type { EncodedRows } from './encode-rows.ts';

export interface TargetOptions {
  /** L */
  labels: number;
  /** f32 [L]: how much a label's vectors count, where each has one label. */
  classWeights?: Float32Array;
  /** Part of the target that is spread over all labels. */
  smoothing: number;
}

/** Sum of the weights of the vectors of these rows: what their loss is a mean over. */
export function totalWeight({ starts, targets }: EncodedRows, rows: readonly number[], options: TargetOptions): number {
  const { labels, classWeights } = options;
  if (targets instanceof Float32Array) return rows.length * labels; // torch's BCEWithLogitsLoss: over rows and labels
  let total = 0;
  for (const row of rows) {
    for (let i = starts[row]; i < starts[row + 1]; i++) total += classWeights?.[targets[i]] ?? 1;
  }
  return total;
}

/**
 * Puts what a vector's softmax should be, times its share of the mean, into the graph's targets: torch.nn.CrossEntropyLoss with
 * `weight` and `label_smoothing`; of several labels, BCEWithLogitsLoss as pairs of yes and no.
 *
 * @param into f32 [L], or of several labels [L, 2]
 */
export function writeTarget(
  into: Float32Array,
  { targets }: Pick<EncodedRows, 'targets'>,
  vector: number,
  total: number,
  { labels: L, classWeights, smoothing }: TargetOptions,
): void {
  if (targets instanceof Float32Array) {
    for (let l = 0; l < L; l++) {
      const yes = targets[vector * L + l];
      into[2 * l] = yes / total;
      into[2 * l + 1] = (1 - yes) / total;
    }
    return;
  }
  const weightOf = (l: number) => classWeights?.[l] ?? 1;
  const label = targets[vector];
  for (let l = 0; l < L; l++) {
    into[l] = (((l === label ? 1 - smoothing : 0) + smoothing / L) * weightOf(l)) / total;
  }
}
