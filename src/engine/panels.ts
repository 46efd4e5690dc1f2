/*
 * Row-major f32 [N, K] to and from the panels of matmulF32, f32 [ceil(N / 8)][K][8]. A vector [N] is the case K = 1.
 */

export const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Where row n begins; each of its values is 8 further. */
const startOf = (n: number, K: number): number => (n - (n % 8)) * K + (n % 8);

/** Rows past N are left as they are. */
export function toPanels(values: Float32Array, N: number, K: number, panels: Float32Array): void {
  for (let n = 0; n < N; n++) {
    const start = startOf(n, K);
    for (let k = 0; k < K; k++) panels[start + k * 8] = values[n * K + k];
  }
}

export function fromPanels(panels: Float32Array, N: number, K: number): Float32Array {
  const values = new Float32Array(N * K);
  for (let n = 0; n < N; n++) {
    const start = startOf(n, K);
    for (let k = 0; k < K; k++) values[n * K + k] = panels[start + k * 8];
  }
  return values;
}
