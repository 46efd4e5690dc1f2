import { Command } from 'commander';
import { expect, test } from 'vitest';
import { argumentOptions, givenArguments } from '../../src/cli/training-arguments.ts';
import { ARGUMENT_NAMES } from '../../src/train/argument-checks.ts';

function given(...argv: string[]) {
  const command = argumentOptions(new Command()).exitOverride();
  return givenArguments(command.parse(argv, { from: 'user' }).opts());
}

test('nothing is given that is not named', () => {
  expect(given()).toEqual({});
  expect(given('--learning-rate', '2e-5', '--load-best-model-at-end', 'false')).toEqual({
    learning_rate: 2e-5,
    load_best_model_at_end: false,
  });
});

const NULLABLE = ['save_total_limit', 'metric_for_best_model', 'early_stopping_patience', 'class_weights'];

test.each(ARGUMENT_NAMES)('--%s none is null, where null may stand', (name) => {
  const argv = [`--${name.replaceAll('_', '-')}`, 'none'];
  if (NULLABLE.includes(name)) expect(given(...argv)).toEqual({ [name]: null });
  else expect(() => given(...argv)).toThrow(/, got null$/);
});
