/**
 * Rows of activations are handled in panels. In the relaxed build a panel has up to six: 6 rows x 8 columns of sums are
 * 12 vectors, which with two of weights and one of activations fill the 15 vector registers V8 can use; a seventh row
 * spills and costs 20-40 %. In the base build four: 8 sums, four vectors of weights, three at work.
 */
const PANEL_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Values of K that lie together for one row or column: what one step of a tile takes. */
export const GROUP: i32 = 4;

/** Height of the next panel where `left` rows remain; a remainder of one or two is shared out: 7 rows go as 4 + 3. */
// @ts-ignore: decorator
@inline
export function panelRows(left: i32): i32 {
  if (left <= PANEL_ROWS) return left;
  return left < PANEL_ROWS + 3 ? (left + 1) >> 1 : PANEL_ROWS;
}
