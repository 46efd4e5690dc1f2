import { pairsTwice, sumLanesI32 } from './pairs';

/**
 * Lays rows of an i8 weight out for linearQ8, eight rows (output columns) at a time.
 *
 *   source      i8 [N, K]
 *   target      relaxed: i8 [N / 8][K / 4][8][4]
 *               base:    i8 [N / 8][K / 4][2 halves of four columns][values 1 and 3, then 0 and 2][4 columns][2]
 *   columnTerm  i32 [N]; relaxed: the sum of each row; base: pairs of each row, see linearQ8
 *
 * N is a multiple of 8, K of 16. Sixteen values at a time: by four, loading DistilBERT-base takes 30 ms more.
 */
export function packWeight(source: usize, N: i32, K: i32, target: usize, columnTerm: usize): void {
  for (let n = 0; n < N; n++) {
    let row = source + <usize>n * <usize>K;
    const end = row + <usize>K;
    const column = <usize>(n & 7);
    let out = target + <usize>(n & ~7) * <usize>K;
    out += ASC_FEATURE_RELAXED_SIMD ? column << 2 : ((column & 4) << 2) + ((column & 3) << 1);
    let terms = i32x4.splat(0);
    for (; row < end; row += 16) {
      const w = v128.load(row);
      const low = i16x8.extend_low_i8x16_s(w), high = i16x8.extend_high_i8x16_s(w);
      if (ASC_FEATURE_RELAXED_SIMD) {
        v128.store_lane<u32>(out, w, 0);
        v128.store_lane<u32>(out, w, 1, 32);
        v128.store_lane<u32>(out, w, 2, 64);
        v128.store_lane<u32>(out, w, 3, 96);
        terms = i32x4.add(terms, i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, high)));
      } else {
        const ordered = i8x16.shuffle(w, w, 1, 3, 0, 2, 5, 7, 4, 6, 9, 11, 8, 10, 13, 15, 12, 14);
        v128.store_lane<u16>(out, ordered, 0);
        v128.store_lane<u16>(out, ordered, 1, 8);
        v128.store_lane<u16>(out, ordered, 2, 32);
        v128.store_lane<u16>(out, ordered, 3, 40);
        v128.store_lane<u16>(out, ordered, 4, 64);
        v128.store_lane<u16>(out, ordered, 5, 72);
        v128.store_lane<u16>(out, ordered, 6, 96);
        v128.store_lane<u16>(out, ordered, 7, 104);
        terms = i32x4.add(terms, pairsTwice(low));
        terms = i32x4.add(terms, pairsTwice(high));
      }
      out += 128;
    }
    const total = sumLanesI32(terms);
    store<i32>(columnTerm + (<usize>n << 2), ASC_FEATURE_RELAXED_SIMD ? total : total >> 1);
  }
}
