/**
 * One step of AdamW (Loshchilov and Hutter 2019) in the order of operations of torch.optim.AdamW:
 *
 *   g  = gradient * clip
 *   w  = w * decay                          decay = 1 - learning rate * weight decay
 *   m  = m + (g - m) * rate1                rate1 = 1 - beta1
 *   v  = v * beta2 + g g * rate2            rate2 = 1 - beta2
 *   w  = w - stepSize * m / (sqrt(v) * root + epsilon)
 *                                           stepSize = learning rate / (1 - beta1^t), root = 1 / sqrt(1 - beta2^t)
 *
 *   weights, gradient, m, v  f32 [N], N a multiple of 4
 */
export function adamw(
  weights: usize, gradient: usize, m: usize, v: usize, N: i32,
  clip: f32, decay: f32, rate1: f32, beta2: f32, rate2: f32, root: f32, epsilon: f32, stepSize: f32,
): void {
  const clips = f32x4.splat(clip), decays = f32x4.splat(decay);
  const rates1 = f32x4.splat(rate1), betas2 = f32x4.splat(beta2), rates2 = f32x4.splat(rate2);
  const roots = f32x4.splat(root), epsilons = f32x4.splat(epsilon), stepSizes = f32x4.splat(stepSize);
  for (let i: usize = 0; i < <usize>N << 2; i += 16) {
    const g = f32x4.mul(v128.load(gradient + i), clips);
    const first = v128.load(m + i);
    const mean = f32x4.add(first, f32x4.mul(f32x4.sub(g, first), rates1));
    const square = f32x4.add(f32x4.mul(v128.load(v + i), betas2), f32x4.mul(f32x4.mul(g, g), rates2));
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(square), roots), epsilons);
    const w = f32x4.mul(v128.load(weights + i), decays);
    v128.store(m + i, mean);
    v128.store(v + i, square);
    v128.store(weights + i, f32x4.sub(w, f32x4.mul(stepSizes, f32x4.div(mean, denominator))));
  }
}
