import { GROUP } from './panels';

/**
 * Lays rows of an i8 weight out for linearQ8, eight rows (output columns) at a time.
 *
 *   source      i8 [N, K]
 *   target      relaxed: i8 [N / 8][K / 4][8][4]
 *               base:    i8 [N / 8][K / 4][2 halves of four columns][values 1 and 3, then 0 and 2][4 columns][2]
 *   columnTerm  i32 [N]; relaxed: the sum of each row; base: pairs of each row, see linearQ8
 *
 * N is a multiple of 8, K of 4.
 */
export function packWeight(source: usize, N: i32, K: i32, target: usize, columnTerm: usize): void {
  for (let n = 0; n < N; n++) {
    let row = source + <usize>n * <usize>K;
    const end = row + <usize>K;
    const column = <usize>(n & 7);
    let out = target + <usize>(n & ~7) * <usize>K;
    out += ASC_FEATURE_RELAXED_SIMD ? column << 2 : ((column & 4) << 2) + ((column & 3) << 1);
    let term = 0;
    for (; row < end; row += GROUP) {
      const w0 = <i32>load<i8>(row), w1 = <i32>load<i8>(row, 1), w2 = <i32>load<i8>(row, 2), w3 = <i32>load<i8>(row, 3);
      if (ASC_FEATURE_RELAXED_SIMD) {
        store<u32>(out, load<u32>(row));
        term += w0 + w1 + w2 + w3;
      } else {
        store<u16>(out, <u16>((w1 & 255) | (w3 << 8)));
        store<u16>(out, <u16>((w0 & 255) | (w2 << 8)), 8);
        term += w0 * w1 + w2 * w3;
      }
      out += GROUP << 3;
    }
    store<i32>(columnTerm + (<usize>n << 2), term);
  }
}
