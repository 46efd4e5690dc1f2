/**
 * Pooling in f32 with one fixed order of operations, made of + * / and sqrt alone: JavaScript rounds each of these to
 * the nearest f64, and f64 holds enough digits that rounding once more gives the correctly rounded f32. So every engine
 * gives the same bits.
 */

/** Mean of the rows of a [T, D] matrix, summed from the first row to the last: [D]. */
export function meanRows(matrix: Float32Array, D: number): Float32Array {
  const T = matrix.length / D;
  const mean = matrix.slice(0, D);
  for (let t = 1; t < T; t++) {
    for (let d = 0; d < D; d++) mean[d] += matrix[t * D + d];
  }
  for (let d = 0; d < D; d++) mean[d] /= T;
  return mean;
}

/** Scales each row of a [., D] matrix to length 1, in place; zeros stay (PyTorch's `normalize`, eps 1e-12). */
export function normalizeRows(matrix: Float32Array, D: number): void {
  for (let row = 0; row < matrix.length; row += D) {
    let squares = 0;
    for (let d = row; d < row + D; d++) squares = Math.fround(squares + Math.fround(matrix[d] * matrix[d]));
    const length = Math.max(Math.fround(Math.sqrt(squares)), Math.fround(1e-12));
    for (let d = row; d < row + D; d++) matrix[d] /= length;
  }
}
