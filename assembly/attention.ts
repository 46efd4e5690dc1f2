import { matmulF32 } from './matmul-f32';
import { packColumnsF32, packRowsF32 } from './pack-f32';
import { QUERY_ROWS } from './panels';
import { softmax } from './softmax';

/**
 * Multi-head attention of one sequence, softmax(Q K^T / sqrt(D / H)) V (Vaswani et al. 2017), in f32.
 *
 *   qkv      f32 [T, 3 D], row stride `rowBytes`: queries, keys, values side by side, head h in columns h D / H and on of each
 *   scratch  keys and values, f32 [T'][D / H] each, and scores, f32 [QUERY_ROWS][T']; T' is T rounded up to 8
 *   context  f32 [T, D]
 *
 * Heads `from` to `to` of H. D / H is a multiple of 8.
 */
export function attention(
  qkv: usize, rowBytes: usize, T: i32, D: i32, H: i32, from: i32, to: i32, scratch: usize, context: usize,
): void {
  const size = D / H;
  const scale = <f32>1 / sqrt<f32>(<f32>size);
  const contextBytes = <usize>D << 2;
  const scoreBytes = <usize>((T + 7) & ~7) << 2;
  const keys = scratch, values = keys + scoreBytes * <usize>size, scores = values + scoreBytes * <usize>size;
  for (let h = from; h < to; h++) {
    const column = <usize>(h * size) << 2;
    packRowsF32(qkv + contextBytes + column, rowBytes, T, size, keys);
    packColumnsF32(qkv + contextBytes * 2 + column, rowBytes, T, size, values);
    for (let t = 0; t < T; t += QUERY_ROWS) {
      const rows = min(QUERY_ROWS, T - t);
      matmulF32(qkv + <usize>t * rowBytes + column, rowBytes, keys, 0, scores, scoreBytes, rows, T, size);
      softmax(scores, scoreBytes, rows, T, scale);
      matmulF32(scores, scoreBytes, values, 0, context + <usize>t * contextBytes + column, contextBytes, rows, size, T);
    }
  }
}
