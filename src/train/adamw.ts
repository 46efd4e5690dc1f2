import type { TrainingArguments } from './arguments.ts';

export type AdamOptions = Pick<
  TrainingArguments,
  'weight_decay' | 'adam_beta1' | 'adam_beta2' | 'adam_epsilon' | 'max_grad_norm'
>;

/** What assembly/adamw.ts multiplies with in one step. */
export interface AdamFactors {
  clip: number;
  decay: number;
  rate1: number;
  beta2: number;
  rate2: number;
  root: number;
  epsilon: number;
  stepSize: number;
}

/**
 * The factors of torch.optim.AdamW after torch.nn.utils.clip_grad_norm_.
 *
 * @param step from 1
 * @param gradNorm L2 norm of all gradients together
 */
export function adamFactors(options: AdamOptions, step: number, learningRate: number, gradNorm: number): AdamFactors {
  const { max_grad_norm, weight_decay, adam_beta1: beta1, adam_beta2: beta2, adam_epsilon: epsilon } = options;
  return {
    clip: max_grad_norm > 0 ? Math.min(max_grad_norm / (gradNorm + 1e-6), 1) : 1,
    decay: 1 - learningRate * weight_decay,
    rate1: 1 - beta1,
    beta2,
    rate2: 1 - beta2,
    root: 1 / Math.sqrt(1 - power(beta2, step)),
    epsilon,
    stepSize: learningRate / (1 - power(beta1, step)),
  };
}

/** By repeated squaring: `**` differs between engines. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, n = exponent; n > 0; n = Math.floor(n / 2), square *= square) {
    if (n % 2 === 1) result *= square;
  }
  return result;
}
