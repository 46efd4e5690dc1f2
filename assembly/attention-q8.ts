import { linearQ8 } from './linear-q8';
import { packKeys } from './pack-keys';
import { packValues } from './pack-values';
import { QUERY_ROWS } from './panels';
import { quantizeRows } from './quantize-rows';
import { softmaxQ8 } from './softmax-q8';

/**
 * Multi-head attention of one sequence, softmax(Q K^T / sqrt S) V (Vaswani et al. 2017), in integers: two linear layers on
 * quantised rows, whose weights are the keys and the values of a head. S is D / H.
 *
 *   qkv      f32 [T, 3 D], row stride `rowBytes`: queries, keys, values side by side, head h in columns h S and on of each
 *   scratch  as laid out below
 *   context  f32 [T, D]
 *
 * Heads `from` to `to` of H. S is a multiple of 8.
 */
export function attentionQ8(
  qkv: usize, rowBytes: usize, T: i32, D: i32, H: i32, from: i32, to: i32, scratch: usize, context: usize,
): void {
  const S = D / H;
  const N = (T + 7) & ~7;
  const contextBytes = <usize>D << 2;
  const keys = scratch, values = keys + <usize>(N * S);
  const keyScale = values + <usize>(N * S), keyTerm = keyScale + (<usize>N << 2), mask = keyTerm + (<usize>N << 2);
  const valueScale = mask + (<usize>N << 2), valueTerm = valueScale + (<usize>S << 2);
  const middle = valueTerm + (<usize>S << 2);
  const rowScale = middle + (<usize>S << 2), rowTerm = rowScale + (QUERY_ROWS << 2);
  const scores = rowTerm + (QUERY_ROWS << 2);
  const packed = scores + <usize>(QUERY_ROWS * N << 2);
  for (let t = 0; t < N; t++) store<f32>(mask + (<usize>t << 2), t < T ? 0 : -Infinity);
  // Scores in powers of 2, as softmaxQ8 takes them.
  const factor: f32 = <f32>1.44269504088896341 / sqrt<f32>(<f32>S);
  for (let h = from; h < to; h++) {
    const queries = qkv + (<usize>(h * S) << 2);
    const out = context + (<usize>(h * S) << 2);
    packKeys(queries + contextBytes, rowBytes, T, S, factor, keys, keyScale, keyTerm);
    packValues(queries + contextBytes * 2, rowBytes, T, S, values, valueScale, middle, valueTerm);
    for (let t = 0; t < T; t += QUERY_ROWS) {
      const rows = min(QUERY_ROWS, T - t);
      quantizeRows(queries + <usize>t * rowBytes, rowBytes, rows, S, 0, 0, packed, rowScale, rowTerm, 0);
      linearQ8(packed, rowScale, rowTerm, 0, rows, S, keys, keyScale, mask, keyTerm, 0, 0, N, scores, <usize>N << 2);
      softmaxQ8(scores, rows, N, packed, rowScale, rowTerm);
      linearQ8(packed, rowScale, rowTerm, 0, rows, N, values, valueScale, middle, valueTerm, 0, 0, S,
        out + <usize>t * contextBytes, contextBytes);
    }
  }
}
