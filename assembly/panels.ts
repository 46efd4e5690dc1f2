/**
 * Rows of activations are handled in panels of up to six: 6 rows x 8 columns of i32 sums are 12 vectors, which with two
 * of weights and one of activations fill the 15 vector registers V8 can use; a seventh row spills and costs 20-40 %.
 */
export const PANEL_ROWS: i32 = 6;

/** Height of the next panel where `left` rows remain: six, but seven and eight rows go as 4 + 3 and 4 + 4. */
// @ts-ignore: decorator
@inline
export function panelRows(left: i32): i32 {
  if (left <= PANEL_ROWS) return left;
  return left < PANEL_ROWS + 3 ? (left + 1) >> 1 : PANEL_ROWS;
}
