import { matmulF32 } from './matmul-f32';
import { packColumnsF32, packRowsF32 } from './pack-f32';
import { softmax } from './softmax';

/**
 * Multi-head attention of one sequence, softmax(Q K^T / sqrt(D / H)) V (Vaswani et al. 2017), in f32.
 *
 *   qkv      f32 [T, 3 D]: queries, keys, values side by side, head h in columns h D / H and on of each
 *   keys     scratch, f32 [T rounded up to 8][D / H]
 *   values   scratch, f32 [T, D / H]
 *   scores   scratch, f32 [queryRows][T rounded up to 8]: so many queries pass at once
 *   context  f32 [T, D]
 *
 * D / H is a multiple of 8.
 */
export function attention(
  qkv: usize, T: i32, D: i32, H: i32, keys: usize, values: usize, scores: usize, queryRows: i32, context: usize,
): void {
  const size = D / H;
  const scale = <f32>1 / sqrt<f32>(<f32>size);
  const rowBytes = <usize>D * 12;
  const contextBytes = <usize>D << 2;
  const scoreBytes = <usize>((T + 7) & ~7) << 2;
  for (let h = 0; h < H; h++) {
    const column = <usize>(h * size) << 2;
    packRowsF32(qkv + contextBytes + column, rowBytes, T, size, keys);
    packColumnsF32(qkv + contextBytes * 2 + column, rowBytes, T, size, values);
    for (let t = 0; t < T; t += queryRows) {
      const rows = min(queryRows, T - t);
      matmulF32(qkv + <usize>t * rowBytes + column, rowBytes, keys, 0, scores, scoreBytes, rows, T, size);
      softmax(scores, scoreBytes, rows, T, scale);
      matmulF32(scores, scoreBytes, values, 0, context + <usize>t * contextBytes + column, contextBytes, rows, size, T);
    }
  }
}
