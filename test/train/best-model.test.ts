import { expect, test } from 'vitest';
import { judge } from '../../src/train/best-model.ts';
import { startOfRun } from '../../src/train/run-state.ts';

const ARGS = {
  metric_for_best_model: 'accuracy',
  greater_is_better: true,
  early_stopping_patience: 2,
  early_stopping_threshold: 0.25,
};

/** transformers' EarlyStoppingCallback: better, and `abs(metric - best) > early_stopping_threshold`. */
test.each([
  [0.5, 1],
  [0.5078125, 0],
  [0.375, 1],
])('after 0.25, %d counts as %i evaluations without an improvement', (accuracy, patience) => {
  const run = startOfRun();
  judge(run, { eval_accuracy: 0.25 }, ARGS);
  judge(run, { eval_accuracy: accuracy }, ARGS);
  expect(run.patience).toBe(patience);
  expect(run.bestMetric).toBe(accuracy);
});
