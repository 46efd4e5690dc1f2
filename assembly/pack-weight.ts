/**
 * Lays rows of an i8 weight out for linearQ8, eight rows (output columns) at a time.
 *
 *   source      i8 [N, K]
 *   target      relaxed: i8 [N / 8][K / 4][8][4]
 *               base:    i8 [N / 8][K / 4][2 halves of four columns][values 1 and 3, then 0 and 2][4 columns][2]
 *   columnTerm  i32 [N]; relaxed: the sum of each row; base: pairs of each row, see linearQ8
 *
 * N is a multiple of 8, K of 16. Four rows by sixteen values are transposed in registers, so that whole vectors are
 * stored: 0.65 cycles a byte, 1.2 by lanes of two bytes (Zen 2).
 */
export function packWeight(source: usize, N: i32, K: i32, target: usize, columnTerm: usize): void {
  const next = <usize>K;
  for (let n = 0; n < N; n += 4) {
    let row = source + <usize>n * next;
    const end = row + next;
    let out = target + <usize>(n & ~7) * next + (<usize>(n & 4) << 2);
    let terms = i32x4.splat(0);
    for (; row < end; row += 16) {
      const a = v128.load(row), b = v128.load(row + next);
      const c = v128.load(row + 2 * next), d = v128.load(row + 3 * next);
      const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5), ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5), cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
      terms = storeColumns(out, i64x2.shuffle(ab0, cd0, 0, 2), terms);
      terms = storeColumns(out + 32, i64x2.shuffle(ab0, cd0, 1, 3), terms);
      terms = storeColumns(out + 64, i64x2.shuffle(ab1, cd1, 0, 2), terms);
      terms = storeColumns(out + 96, i64x2.shuffle(ab1, cd1, 1, 3), terms);
      out += 128;
    }
    v128.store(columnTerm + (<usize>n << 2), terms);
  }
}

/** Stores four values of each of four columns; gives the columns' terms with theirs added. */
// @ts-ignore: decorator
@inline
function storeColumns(out: usize, columns: v128, terms: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store(out, columns);
    return i32x4.add(terms, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(columns)));
  }
  const ordered = i8x16.shuffle(columns, columns, 1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 14);
  v128.store(out, ordered);
  return i32x4.add(terms, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(ordered), i16x8.extend_high_i8x16_s(ordered)));
}
