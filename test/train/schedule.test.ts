import { expect, test } from 'vitest';
import { epochAfter, learningRate, planRun } from '../../src/train/schedule.ts';
import golden from '../golden/train/schedule.json' with { type: 'json' };

test.each(golden.cases)('$schedule over $steps steps, $warmup of warm-up', ({ schedule, steps, warmup, rates }) => {
  const args = { learning_rate: golden.learning_rate, lr_scheduler_type: schedule as 'cosine' };
  rates.forEach((rate, i) => {
    const ours = learningRate(i + 1, { maxSteps: steps, warmupSteps: warmup }, args);
    if (schedule !== 'cosine') expect(ours).toBe(rate);
    else expect(Math.abs(ours - rate)).toBeLessThan(1e-15 * golden.learning_rate);
  });
});

const plan = (rows: number, given = {}) =>
  planRun(rows, {
    gradient_accumulation_steps: 1,
    per_device_train_batch_size: 8,
    num_train_epochs: 3,
    max_steps: -1,
    warmup_steps: 0,
    warmup_ratio: 0.1,
    ...given,
  });

test('the last batch of an epoch may be a part', () => {
  expect(plan(50)).toEqual({ stepsPerEpoch: 7, maxSteps: 21, epochs: 3, warmupSteps: 3 });
  expect(plan(56)).toMatchObject({ stepsPerEpoch: 7 });
  expect(plan(1)).toMatchObject({ stepsPerEpoch: 1, maxSteps: 3 });
  expect(plan(50, { num_train_epochs: 2.5 })).toMatchObject({ maxSteps: 18, epochs: 3 });
  expect(plan(50, { max_steps: 15 })).toMatchObject({ maxSteps: 15, epochs: 3 });
  expect(plan(50, { max_steps: 14, warmup_steps: 4 })).toMatchObject({ maxSteps: 14, epochs: 2, warmupSteps: 4 });
});

test('epochs count the part of the last', () => {
  expect([1, 7, 8, 18].map((step) => epochAfter(step, { stepsPerEpoch: 7 }))).toEqual([1 / 7, 1, 1 + 1 / 7, 2 + 4 / 7]);
});
