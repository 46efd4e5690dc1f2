import { exp } from './exp';
import { lanesBelow, maxLanes, sumLanes } from './lanes';

/**
 * Softmax of scale * x over each row, in place. Element i goes into partial sum i mod 4.
 *
 *   x  f32 [M, N], row stride rowBytes, a multiple of 16; what lies between N and the next multiple of 4 becomes 0
 */
export function softmax(x: usize, rowBytes: usize, M: i32, N: i32, scale: f32): void {
  const blocks = <usize>(N & ~3) << 2;
  const rest = lanesBelow(N & 3);
  const factor = f32x4.splat(scale);
  // Not the least f32: a row of -Infinity alone must come out as NaN, as in torch, not as equal weights.
  const least = f32x4.splat(-Infinity);
  for (let m = 0; m < M; m++) {
    const row = x + <usize>m * rowBytes;
    const tail = row + blocks;
    let highest = least;
    for (let p = row; p < tail; p += 16) {
      const v = f32x4.mul(v128.load(p), factor);
      v128.store(p, v);
      highest = f32x4.pmax(highest, v);
    }
    if (N & 3) {
      const v = v128.bitselect(f32x4.mul(v128.load(tail), factor), least, rest);
      v128.store(tail, v);
      highest = f32x4.pmax(highest, v);
    }
    const top = f32x4.splat(maxLanes(highest));
    let sums = f32x4.splat(0);
    for (let p = row; p < tail; p += 16) {
      const e = exp(f32x4.sub(v128.load(p), top));
      v128.store(p, e);
      sums = f32x4.add(sums, e);
    }
    if (N & 3) {
      const e = v128.and(exp(f32x4.sub(v128.load(tail), top)), rest);
      v128.store(tail, e);
      sums = f32x4.add(sums, e);
    }
    const inverse = f32x4.splat(<f32>1 / sumLanes(sums));
    const end = row + (<usize>((N + 3) & ~3) << 2);
    for (let p = row; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), inverse));
  }
}
