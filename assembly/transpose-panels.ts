/**
 * Turns a weight around within the layout of matmulF32, so that the same kernel computes the gradient of a layer's
 * input, dx = dy W, each element one sum over n.
 *
 *   source  f32 [ceil(N / 8)][K][8]
 *   target  f32 [ceil(K / 8)][N][8]; columns past K are zero
 */
export function transposePanels(source: usize, N: i32, K: i32, target: usize): void {
  const panelBytes = <usize>K << 5;
  for (let k = 0; k < K; k += 8) {
    const columns = min(8, K - k);
    for (let n = 0; n < N; n++) {
      const row = source + <usize>(n >> 3) * panelBytes + (<usize>(n & 7) << 2) + (<usize>k << 5);
      for (let c = 0; c < 8; c++) {
        store<f32>(target + (<usize>c << 2), c < columns ? load<f32>(row + (<usize>c << 5)) : 0);
      }
      target += 32;
    }
  }
}
