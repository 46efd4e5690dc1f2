import { expect, test } from 'vitest';
import { balancedWeights } from '../../src/train/labels.ts';
import { figures, METRICS, measure, predictions } from '../../src/train/metrics.ts';
import { multiLabelMetrics } from '../../src/train/multi-label.ts';
import golden from '../golden/train/multi_label.json' with { type: 'json' };

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

test.each(golden.cases)('several labels: scikit-learn, $labels labels', (given) => {
  const labels = Array.from({ length: given.labels }, (_, id) => `l${id}`);
  const metrics = multiLabelMetrics(Float32Array.from(given.targets), Float32Array.from(given.logits), labels);
  expect(metrics.accuracy).toBe(given.accuracy);
  expect([metrics.precision, metrics.recall, metrics.f1]).toEqual(close(given.micro));
  expect([metrics.macro_precision, metrics.macro_recall, metrics.macro_f1]).toEqual(close(given.macro));
  expect(metrics.per_label.map(({ precision, recall, f1, support }) => [precision, recall, f1, support])).toEqual(
    given.per_label.map(close),
  );
});

test.each(golden.balanced)('balanced weights: scikit-learn, $counts', ({ counts, weights }) => {
  expect([...balancedWeights(counts)]).toEqual(weights.map((weight) => expect.closeTo(weight, 6)));
});

test('a label that no row has weighs nothing', () => {
  expect([...balancedWeights([2, 0, 2])]).toEqual([expect.closeTo(2 / 3, 6), 0, expect.closeTo(2 / 3, 6)]);
});

test('each kind of rows gives the figures that are named for it', () => {
  const starts = Uint32Array.of(0, 1, 2, 3);
  const logits = Float32Array.of(2, -1, 0, -3, 1, 2);
  const ids = { labels: ['O', 'B-X'], starts, targets: Int32Array.of(0, 0, 1) };
  const all = {
    single: figures(measure(logits, { kind: 'single', ...ids })),
    token: figures(measure(logits, { kind: 'token', ...ids })),
    multi: figures(measure(logits, { ...ids, kind: 'multi', targets: Float32Array.of(1, 0, 0, 0, 1, 1) })),
  };
  for (const kind of ['single', 'token', 'multi'] as const) {
    expect([...Object.keys(all[kind]), 'loss'].sort()).toEqual([...METRICS[kind]].sort());
  }
  expect(all.single).toMatchObject({ accuracy: 1 });
  expect(all.multi).toMatchObject({ accuracy: 1, f1: 1 });
});

test('entities end with their sentence, and only labelled words count', () => {
  const labels = ['O', 'B-PER', 'I-PER'];
  const one = (id: number) => labels.map((_, each) => (each === id ? 1 : 0));
  const given = {
    kind: 'token' as const,
    labels,
    starts: Uint32Array.of(0, 2, 2, 4),
    targets: Int32Array.of(1, 2, 2, 0),
  };
  const wrong = measure(Float32Array.from([1, 2, 0, 0].flatMap(one)), given);
  // The second sentence begins with I-PER, an entity of its own; joined to the first there would be but one.
  expect(figures(wrong)).toMatchObject({ precision: 1, recall: 0.5, accuracy: 0.75 });
});

test('of equal logits the first label is predicted', () => {
  expect([...predictions(Float32Array.of(1, 1, 0, 0, 2, 2), 3)]).toEqual([0, 1]);
});
