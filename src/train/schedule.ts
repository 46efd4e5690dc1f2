import { rowsOfStep, type TrainingArguments } from './arguments.ts';

/** How long a run is, as transformers' Trainer counts. */
export interface Plan {
  /** The last batch of an epoch may be a part of one. */
  stepsPerEpoch: number;
  maxSteps: number;
  /** Epochs begun. */
  epochs: number;
  warmupSteps: number;
}

type PlanArguments = Pick<
  TrainingArguments,
  | 'per_device_train_batch_size'
  | 'gradient_accumulation_steps'
  | 'num_train_epochs'
  | 'max_steps'
  | 'warmup_steps'
  | 'warmup_ratio'
>;

export function planRun(rows: number, args: PlanArguments): Plan {
  const stepsPerEpoch = Math.ceil(rows / rowsOfStep(args));
  const maxSteps = args.max_steps > 0 ? args.max_steps : Math.ceil(args.num_train_epochs * stepsPerEpoch);
  const warmupSteps = args.warmup_steps > 0 ? args.warmup_steps : Math.ceil(maxSteps * args.warmup_ratio);
  return { stepsPerEpoch, maxSteps, epochs: Math.ceil(maxSteps / stepsPerEpoch), warmupSteps };
}

/** Epochs done after a step, the part of the last one included. */
export function epochAfter(step: number, { stepsPerEpoch }: Pick<Plan, 'stepsPerEpoch'>): number {
  const inEpoch = step % stepsPerEpoch || stepsPerEpoch;
  return (step - inEpoch) / stepsPerEpoch + inEpoch / stepsPerEpoch;
}

/**
 * The learning rate of a step, counted from 1: transformers' `get_linear_schedule_with_warmup`,
 * `get_cosine_schedule_with_warmup` and `get_constant_schedule_with_warmup`. The first step of a warm-up has 0.
 */
export function learningRate(
  step: number,
  { maxSteps, warmupSteps }: Pick<Plan, 'maxSteps' | 'warmupSteps'>,
  { learning_rate, lr_scheduler_type }: Pick<TrainingArguments, 'learning_rate' | 'lr_scheduler_type'>,
): number {
  const done = step - 1;
  if (done < warmupSteps) return learning_rate * (done / warmupSteps);
  const left = (maxSteps - done) / Math.max(1, maxSteps - warmupSteps);
  if (lr_scheduler_type === 'linear') return learning_rate * left;
  return lr_scheduler_type === 'cosine' ? learning_rate * halfCosine(left) : learning_rate;
}

/**
 * (1 + cos(pi (1 - x))) / 2 for x from 0 to 1, which is sin^2(pi x / 2): by the sine's Taylor polynomial, since engines
 * differ in `Math.cos`. Its first left out term is below 1e-17.
 */
function halfCosine(x: number): number {
  const y = (Math.PI / 2) * x;
  const square = y * y;
  let sum = 1;
  for (let n = 22; n > 0; n -= 2) sum = 1 - (square / (n * (n + 1))) * sum;
  return y * sum * (y * sum);
}
