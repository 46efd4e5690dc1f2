import { get, set } from './array';
import { matmulF32 } from './matmul-f32';
import { softmax } from './softmax';

/** qkv f32 [T, 3 D]; scores scratch f32 [T]; context f32 [T, D] */
export function attention(qkv: usize, T: i32, D: i32, H: i32, scores: usize, context: usize): void {
  const size = D / H;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>size);
  for (let h = 0; h < H; h++) {
    for (let t = 0; t < T; t++) {
      const query = qkv + (<usize>(t * 3 * D + h * size) << 2);
      const keys = qkv + (<usize>(D + h * size) << 2);
      matmulF32(query, 0, keys, 3 * D, 0, scores, 0, 1, T, size);
      softmax(scores, T, 1, T, scale);
      for (let d = 0; d < size; d++) {
        let sum: f32 = 0;
        for (let s = 0; s < T; s++) sum = sum + get(scores, s) * get(qkv, s * 3 * D + 2 * D + h * size + d);
        set(context, t * D + h * size + d, sum);
      }
    }
  }
}
