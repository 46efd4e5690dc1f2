import { Confusion, type Metrics } from '../tasks/confusion.ts';
import { ratio } from '../tasks/precision-recall.ts';
import { type SeqevalMetrics, seqeval } from '../tasks/seqeval.ts';
import { type MultiLabelMetrics, multiLabelMetrics } from './multi-label.ts';
import type { RowKind } from './rows.ts';

/**
 * What is measured for each kind of rows; the best model is by default that with the best of the first. It is not
 * transformers' loss: a head that trains on grows more certain of its mistakes, so that the loss rises while ever more
 * rows are right. Accuracy means little where nearly every tag is O, or most of several labels are absent.
 */
export const METRICS: { readonly [K in RowKind]: readonly string[] } = {
  single: ['accuracy', 'f1', 'precision', 'recall', 'macro_f1', 'loss'],
  multi: ['f1', 'precision', 'recall', 'macro_f1', 'accuracy', 'loss'],
  token: ['f1', 'precision', 'recall', 'accuracy', 'loss'],
};

/** Entities as seqeval counts them, and the part of the tags that are right. */
export interface TokenMetrics extends SeqevalMetrics {
  accuracy: number;
}

export type EvaluationDetails =
  | { kind: 'single'; metrics: Metrics }
  | { kind: 'multi'; metrics: MultiLabelMetrics }
  | { kind: 'token'; metrics: TokenMetrics };

/** What an evaluation set should give. */
export interface Given {
  kind: RowKind;
  labels: readonly string[];
  /** Row r has the vectors starts[r] .. starts[r + 1]. */
  starts: Uint32Array;
  /** Label ids [N], or with several labels 0 and 1, [N, L]. */
  targets: Int32Array | Float32Array;
}

/** Everything that is measured of logits [N, L]. Of several labels those with a logit above 0 are predicted. */
export function measure(logits: Float32Array, { kind, labels, starts, targets }: Given): EvaluationDetails {
  if (kind === 'multi') return { kind, metrics: multiLabelMetrics(targets as Float32Array, logits, labels) };
  const predicted = predictions(logits, labels.length);
  if (kind === 'single') {
    const confusion = new Confusion(labels);
    for (const [vector, id] of predicted.entries()) confusion.add(targets[vector], id);
    return { kind, metrics: confusion.metrics() };
  }
  const sentences = (ids: ArrayLike<number>) =>
    Array.from({ length: starts.length - 1 }, (_, row) =>
      Array.from({ length: starts[row + 1] - starts[row] }, (_, i) => labels[ids[starts[row] + i]]),
    );
  const right = predicted.filter((id, vector) => id === targets[vector]).length;
  const accuracy = ratio(right, predicted.length);
  return { kind, metrics: { ...seqeval(sentences(targets), sentences(predicted)), accuracy } };
}

/** The figures of a log. */
export function figures({ kind, metrics }: EvaluationDetails): Record<string, number> {
  if (kind === 'token') {
    const { precision, recall, f1 } = metrics.micro;
    return { precision, recall, f1, accuracy: metrics.accuracy };
  }
  const { accuracy, f1, precision, recall, macro_f1 } = metrics;
  return { accuracy, f1, precision, recall, macro_f1 };
}

/** Label id with the highest logit of each vector; of equal ones the first. */
export function predictions(logits: Float32Array, L: number): Int32Array {
  return Int32Array.from({ length: logits.length / L }, (_, vector) => {
    let best = 0;
    for (let id = 1; id < L; id++) if (logits[vector * L + id] > logits[vector * L + best]) best = id;
    return best;
  });
}
