import { get, set } from './array';

/** weights, gradient, m, v f32 [N] */
export function adamw(
  weights: usize, gradient: usize, m: usize, v: usize, N: i32,
  clip: f32, decay: f32, rate1: f32, beta2: f32, rate2: f32, root: f32, epsilon: f32, stepSize: f32,
): void {
  for (let i = 0; i < N; i++) {
    const g: f32 = get(gradient, i) * clip;
    const mean: f32 = get(m, i) + (g - get(m, i)) * rate1;
    const square: f32 = get(v, i) * beta2 + g * g * rate2;
    set(m, i, mean);
    set(v, i, square);
    set(weights, i, get(weights, i) * decay - stepSize * (mean / (sqrt<f32>(square) * root + epsilon)));
  }
}
