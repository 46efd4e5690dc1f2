/**
 * Lays rows of f32 out in panels of eight for matmulF32: weights once at load, and keys of each head at each attention.
 *
 *   source  f32 [N, K], row stride `rowBytes`
 *   target  f32 [ceil(N / 8)][K][8]; rows past N are zero
 */
export function packRowsF32(source: usize, rowBytes: usize, N: i32, K: i32, target: usize): void {
  for (let n = 0; n < N; n += 8) {
    const panel = target + <usize>n * (<usize>K << 2);
    if (n + 8 > N) memory.fill(panel, 0, <usize>K << 5);
    const rows = min(8, N - n);
    for (let r = 0; r < rows; r++) {
      const row = source + <usize>(n + r) * rowBytes;
      const out = panel + (<usize>r << 2);
      for (let k: usize = 0; k < <usize>K; k++) store<f32>(out + (k << 5), load<f32>(row + (k << 2)));
    }
  }
}

/**
 * Copies columns of f32 into panels of eight: the values of one head, for matmulF32.
 * Read where they stand, at a stride of 3 D floats, they would fall into four sets of the first-level cache.
 *
 *   source  f32 [K, N], row stride `rowBytes`
 *   target  f32 [N / 8][K][8]
 */
export function packColumnsF32(source: usize, rowBytes: usize, K: i32, N: i32, target: usize): void {
  for (let n = 0; n < N; n += 8) {
    let row = source + (<usize>n << 2);
    for (let k = 0; k < K; k++) {
      v128.store(target, v128.load(row));
      v128.store(target, v128.load(row, 16), 16);
      row += rowBytes;
      target += 32;
    }
  }
}
