/**
 * Whether loads are dear, as where each checks its bounds (workerd, Deno, Bun): tiles then load sixteen bytes of several rows and
 * shuffle, where they else load and splat four at a time. The base build gains 12 to 18 % by it in Deno and Bun and loses
 * 5 % in Node. Set by the target in asconfig.json.
 */
// @ts-ignore: --use
export const LIGHT: bool = LOAD_LIGHT == 1;

/**
 * Rows of activations are handled in panels. In the relaxed build a panel has up to six: 6 rows x 8 columns of sums are
 * 12 vectors, which with two of weights and one of activations fill the 15 vector registers V8 can use; a seventh row
 * spills and costs 20-40 %. With light loads five, since what is shuffled takes a register too. In the base build four: 8
 * sums, four vectors of weights, three at work.
 */
const PANEL_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? (LIGHT ? 5 : 6) : 4;

/** Values of K that lie together for one row or column: what one step of a tile takes. */
export const GROUP: i32 = 4;

/** Queries that pass through attention at once, whole panels but where they are of five: their scores at T = 512 are 48 kB and stay in the second-level cache. */
export const QUERY_ROWS: i32 = 24;

/** Height of the next panel where `left` rows remain; a remainder of one or two is shared out: 7 rows go as 4 + 3. */
// @ts-ignore: decorator
@inline
export function panelRows(left: i32): i32 {
  if (left <= PANEL_ROWS) return left;
  return left < PANEL_ROWS + 3 ? (left + 1) >> 1 : PANEL_ROWS;
}

/** Bytes of one row's group in a panel. */
export const STEP_BYTES: usize = ASC_FEATURE_RELAXED_SIMD ? 4 : 8;

/**
 * Stores eight values of a row, two groups `stride` bytes apart.
 *
 *   q  relaxed: i16 0 .. 255; base: any i16, each four in the order 0, 2, 1, 3 once stored
 */
// @ts-ignore: decorator
@inline
export function storeRowGroups(out: usize, stride: usize, q: v128): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const bytes = i8x16.narrow_i16x8_u(q, q);
    v128.store_lane<u32>(out, bytes, 0);
    v128.store_lane<u32>(out + stride, bytes, 1);
  } else {
    const ordered = i16x8.shuffle(q, q, 0, 2, 1, 3, 4, 6, 5, 7);
    v128.store_lane<u64>(out, ordered, 0);
    v128.store_lane<u64>(out + stride, ordered, 1);
  }
}
