import { exp } from './exp';

/**
 * 1 / (1 + e^-x) in place, by way of e^-|x| so that nothing overflows.
 *
 *   x  f32 [N], with room up to the next multiple of 4
 */
export function sigmoid(x: usize, N: i32): void {
  const one = f32x4.splat(1);
  const end = x + (<usize>N << 2);
  for (let p = x; p < end; p += 16) {
    const v = v128.load(p);
    const e = exp(f32x4.neg(f32x4.abs(v)));
    const positive = f32x4.ge(v, f32x4.splat(0));
    v128.store(p, f32x4.div(v128.bitselect(one, e, positive), f32x4.add(one, e)));
  }
}
