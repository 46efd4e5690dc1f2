import { GROUP } from './quantize-rows';

/**
 * Lays rows of an i8 weight out for linearQ8, eight rows (output columns) at a time, and sums each row.
 *
 *   source     i8 [N, K]
 *   target     i8 [N / 8][K / GROUP][8][GROUP]
 *   columnSum  i32 [N]
 *
 * N is a multiple of 8.
 */
export function packWeight(source: usize, N: i32, K: i32, target: usize, columnSum: usize): void {
  for (let n = 0; n < N; n++) {
    const row = source + <usize>n * <usize>K;
    let out = target + <usize>(n & ~7) * <usize>K + <usize>(n & 7) * GROUP;
    let total = 0;
    for (let k = 0; k < K; k += GROUP) {
      const p = row + <usize>k;
      if (ASC_FEATURE_RELAXED_SIMD) {
        store<u32>(out, load<u32>(p));
        total += load<i8>(p, 2) + load<i8>(p, 3);
      } else {
        store<u16>(out, load<u16>(p));
      }
      total += load<i8>(p) + load<i8>(p, 1);
      out += GROUP << 3;
    }
    store<i32>(columnSum + (<usize>n << 2), total);
  }
}
