import type { Tensor } from '../../ort/tensor.ts';
import { type AdamOptions, adamFactors } from '../adamw.ts';

/** What src/ort/adamw.ts is fed for a step: `decay`, `stepSize` and `epsilon`. */
export function adamScalars(options: AdamOptions, step: number, learningRate: number): Record<string, Tensor> {
  const { decay, rate1, rate2, root, epsilon, stepSize } = adamFactors(options, step, learningRate, 0);
  const scale = Math.sqrt(rate2) * root; // √((1 - β2) / (1 - β2^t))
  const scalar = (value: number): Tensor => ({ type: 'float32', shape: [], data: Float32Array.of(value) });
  return { decay: scalar(decay), stepSize: scalar((stepSize * rate1) / scale), epsilon: scalar(epsilon / scale) };
}
