/*
 * Weights s8, symmetric, one f32 scale per row (an output channel of a linear layer, a word of an embedding):
 * w ~ q * scale with q from -127 to 127. Up to 8 outlier columns of a linear layer's input stay in f32.
 */

export interface QuantizedRows {
  /** q, [rows, columns] */
  weight: Int8Array;
  /** [rows]; finite and above 0 */
  scale: Float32Array;
}

export interface QuantizedLinear extends QuantizedRows {
  /** The outlier columns of the weight, [n, C], in f32; there `weight` holds 0. */
  outliers: Float32Array;
}

/** A row whose scale would be below the smallest normal f32 is 0 throughout, with scale 1. */
const MIN_SCALE = 2 ** -126;

/** x + this - this rounds a double to an integer, half to even, for |x| < 2^51; Math.round rounds half up. */
const ROUND = 1.5 * 2 ** 52;

/**
 * Quantises each row by its largest magnitude / 127.
 *
 * @param values [rows, columns], finite
 * @param skip columns that are left out of the magnitude and are 0 in the result
 */
export function quantizeRows(
  values: Float32Array,
  rows: number,
  columns: number,
  skip: readonly number[] = [],
): QuantizedRows {
  const weight = new Int8Array(rows * columns);
  const scale = new Float32Array(rows);
  const row = new Float32Array(columns);
  for (let r = 0; r < rows; r++) {
    row.set(values.subarray(r * columns, (r + 1) * columns));
    for (const column of skip) row[column] = 0;
    let max = 0;
    for (let c = 0; c < columns; c++) max = Math.max(max, Math.abs(row[c]));
    const step = Math.fround(max / 127) >= MIN_SCALE ? Math.fround(max / 127) : 1;
    scale[r] = step;
    for (let c = 0; c < columns; c++) weight[r * columns + c] = Math.fround(row[c] / step) + ROUND - ROUND;
  }
  return { weight, scale };
}

/**
 * Quantises a linear layer, its outlier columns apart.
 *
 * @param weight [n, k], finite
 * @param outlierColumns C ascending columns of the input
 */
export function quantizeLinear(
  weight: Float32Array,
  n: number,
  k: number,
  outlierColumns: readonly number[],
): QuantizedLinear {
  const count = outlierColumns.length;
  const outliers = new Float32Array(n * count);
  for (let row = 0; row < n; row++) {
    for (let c = 0; c < count; c++) outliers[row * count + c] = weight[row * k + outlierColumns[c]];
  }
  return { ...quantizeRows(weight, n, k, outlierColumns), outliers };
}

/**
 * The `count` columns of largest magnitude, ascending; of equal ones the first. Calibration gives the magnitudes: the
 * largest |x| that each column of a layer's input took over the calibration texts.
 */
export function largestColumns(magnitude: Float32Array, count: number): number[] {
  return Array.from(magnitude.keys())
    .sort((a, b) => magnitude[b] - magnitude[a] || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}
