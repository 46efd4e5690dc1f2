/*
 * Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), a generator without state: ten
 * rounds turn a counter of four words and a key of two into four words. Here for four counters at once, one a lane.
 */

/** The first word of each round's key grows by the golden ratio, the second by the square root of 3 less 1. */
const WEYL0: i32 = 0x9e3779b9;
const WEYL1: i32 = 0xbb67ae85;

/** Words 0 to 3 of the last call. Globals: a function gives back one value. */
export let word0: v128 = i32x4.splat(0);
export let word1: v128 = i32x4.splat(0);
export let word2: v128 = i32x4.splat(0);
export let word3: v128 = i32x4.splat(0);

/** Counters (c0, c1, c2, c3), lane by lane, under the key (key0, key1). */
// @ts-ignore: decorator
@inline
export function philox(c0: v128, c1: v128, c2: v128, c3: v128, key0: i32, key1: i32): void {
  const multiplier0 = i32x4.splat(0xd2511f53), multiplier1 = i32x4.splat(0xcd9e8d57);
  for (let round = 0; round < 10; round++) {
    const a0 = i64x2.extmul_low_i32x4_u(c0, multiplier0), a1 = i64x2.extmul_high_i32x4_u(c0, multiplier0);
    const b0 = i64x2.extmul_low_i32x4_u(c2, multiplier1), b1 = i64x2.extmul_high_i32x4_u(c2, multiplier1);
    c0 = v128.xor(v128.xor(i32x4.shuffle(b0, b1, 1, 3, 5, 7), c1), i32x4.splat(key0));
    c1 = i32x4.shuffle(b0, b1, 0, 2, 4, 6);
    c2 = v128.xor(v128.xor(i32x4.shuffle(a0, a1, 1, 3, 5, 7), c3), i32x4.splat(key1));
    c3 = i32x4.shuffle(a0, a1, 0, 2, 4, 6);
    key0 += WEYL0;
    key1 += WEYL1;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}
