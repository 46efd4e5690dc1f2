import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Confusion, type Metrics } from '../../src/tasks/confusion.ts';

interface Golden extends Omit<Metrics, 'per_label' | 'rows'> {
  labels: number;
  given: number[];
  predicted: number[];
  per_label: Record<'precision' | 'recall' | 'f1' | 'support', number[]>;
}

const { sklearn, cases }: { sklearn: string; cases: Golden[] } = JSON.parse(
  readFileSync(new URL('../golden/tasks/metrics.json', import.meta.url), 'utf8'),
);

describe(`figures of scikit-learn ${sklearn}`, () => {
  it.each(cases.map((golden, i) => [i, golden.labels, golden.given.length, golden] as const))(
    'case %i: %i labels, %i rows',
    (_, labels, __, golden) => {
      const confusion = new Confusion(Array.from({ length: labels }, (_, id) => `L${id}`));
      golden.given.forEach((given, i) => {
        confusion.add(given, golden.predicted[i]);
      });
      const metrics = confusion.metrics();
      expect(metrics.rows).toBe(golden.given.length);
      expect(metrics.confusion_matrix).toEqual(golden.confusion_matrix);
      const figures = ['accuracy', 'precision', 'recall', 'f1', 'macro_precision', 'macro_recall', 'macro_f1'] as const;
      for (const figure of figures) expect(metrics[figure], figure).toBeCloseTo(golden[figure], 12);
      metrics.per_label.forEach((label, id) => {
        for (const figure of ['precision', 'recall', 'f1', 'support'] as const) {
          expect(label[figure], figure).toBeCloseTo(golden.per_label[figure][id], 12);
        }
      });
    },
  );
});

it('no rows give zeros', () => {
  expect(new Confusion(['A', 'B', 'C']).metrics()).toMatchObject({ rows: 0, accuracy: 0, f1: 0 });
});
