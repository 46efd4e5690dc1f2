import type { Metrics } from '../tasks/confusion.ts';
import type { EvaluationDetails, TokenMetrics } from '../train/metrics.ts';
import type { MultiLabelMetrics } from '../train/multi-label.ts';
import { colors, table } from './output.ts';

/** What an evaluation gave as one JSON object, the main figures under plain names. */
export function evaluationDocument({ kind, metrics }: EvaluationDetails): Record<string, unknown> {
  if (kind !== 'token') return { ...metrics };
  const { micro, accuracy, ...others } = metrics;
  const { precision, recall, f1, support } = micro;
  return { accuracy, f1, precision, recall, support, ...others };
}

/**
 * The same as tables for people.
 *
 * @param rows what to say of their number
 */
export function evaluationTables({ kind, metrics }: EvaluationDetails, rows: string): string {
  if (kind === 'token') return tokenTables(metrics, rows);
  const tables = [summary(metrics, rows), perLabel(metrics)];
  return [...tables, ...(kind === 'single' ? [confusionTable(metrics)] : [])].join('\n');
}

function tokenTables({ micro, accuracy, per_type }: TokenMetrics, rows: string): string {
  return [
    table([
      ['rows', rows],
      ['f1', [figure(micro.f1), colors.bold]],
      ['precision', figure(micro.precision)],
      ['recall', figure(micro.recall)],
      ['accuracy', figure(accuracy)],
    ]),
    table([
      ['type', 'precision', 'recall', 'f1', 'entities'],
      ...per_type.map(({ type, precision, recall, f1, support }) => [
        type,
        figure(precision),
        figure(recall),
        figure(f1),
        String(support),
      ]),
    ]),
  ].join('\n');
}

function summary(metrics: Metrics | MultiLabelMetrics, rows: string): string {
  return table([
    ['rows', rows],
    ['accuracy', [figure(metrics.accuracy), colors.bold]],
    ['f1', figure(metrics.f1)],
    ['precision', figure(metrics.precision)],
    ['recall', figure(metrics.recall)],
    ['macro f1', figure(metrics.macro_f1)],
  ]);
}

function perLabel({ per_label }: Metrics | MultiLabelMetrics): string {
  return table([
    ['label', 'precision', 'recall', 'f1', 'rows'],
    ...per_label.map(({ label, precision, recall, f1, support }) => [
      label,
      figure(precision),
      figure(recall),
      figure(f1),
      String(support),
    ]),
  ]);
}

function confusionTable({ per_label, confusion_matrix }: Metrics): string {
  return table([
    ['given \\ predicted', ...per_label.map(({ label }) => label)],
    ...confusion_matrix.map((row, id) => [per_label[id].label, ...row.map(String)]),
  ]);
}

function figure(value: number): string {
  return value.toFixed(4);
}
