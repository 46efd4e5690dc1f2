import { get, set } from './array';
import { linearQ8 } from './linear-q8';
import { quantizeRows } from './quantize-rows';

/**
 * qkv f32 [T, 3 D]; context f32 [T, D]; scratch, S being D / H: queries f32 [T, S], context f32 [T, S], scores f32 [T, T],
 * keyScale and rowScale f32 [T], zero i32 [T], none f32 [T], valueScale and middle f32 [S], queries u8, keys and values i8, of T S bytes
 * each, shares u8 [T, T]
 */
export function attentionQ8(qkv: usize, T: i32, D: i32, H: i32, scratch: usize, context: usize): void {
  const S = D / H;
  const rows = scratch, result = rows + <usize>(T * S * 4), scores = result + <usize>(T * S * 4);
  const keyScale = scores + <usize>(T * T * 4), rowScale = keyScale + <usize>(T * 4), zero = rowScale + <usize>(T * 4);
  const none = zero + <usize>(T * 4), valueScale = none + <usize>(T * 4), middle = valueScale + <usize>(S * 4);
  const q = middle + <usize>(S * 4), keys = q + <usize>(T * S), values = keys + <usize>(T * S);
  const shares = values + <usize>(T * S);
  const factor: f32 = <f32>1.44269504088896341 / sqrt<f32>(<f32>S);
  memory.fill(none, 0, <usize>(T * 4));
  for (let h = 0; h < H; h++) {
    const query = h * S, key = D + h * S, value = 2 * D + h * S;
    for (let t = 0; t < T; t++) {
      for (let d = 0; d < S; d++) set(rows, t * S + d, get(qkv, t * 3 * D + query + d));
    }
    quantizeRows(rows, T, S, 0, 0, q, rowScale, zero);
    for (let t = 0; t < T; t++) {
      set(keyScale, t, quantizeKey(qkv, t * 3 * D + key, S, keys + <usize>(t * S)) * factor);
    }
    linearQ8(q, rowScale, zero, 0, 0, 0, T, S, keys, keyScale, none, 0, T, scores);

    for (let t = 0; t < T; t++) {
      set(rowScale, t, quantizeShares(scores + <usize>(t * T * 4), T, shares + <usize>(t * T)));
      store<i32>(zero + <usize>(t * 4), 0);
    }
    for (let d = 0; d < S; d++) quantizeColumn(qkv, T, D, value + d, values + <usize>(d * T), valueScale, middle, d);
    linearQ8(shares, rowScale, zero, 0, 0, 0, T, T, values, valueScale, middle, 0, S, result);
    for (let t = 0; t < T; t++) {
      for (let d = 0; d < S; d++) set(context, t * D + h * S + d, get(result, t * S + d));
    }
  }
}

/** Key t to i8 [S]; returns its scale. */
function quantizeKey(qkv: usize, key: i32, S: i32, keys: usize): f32 {
  let top: f32 = 1e-12;
  for (let d = 0; d < S; d++) top = max<f32>(top, abs<f32>(get(qkv, key + d)));
  const inverse: f32 = 127 / top;
  for (let d = 0; d < S; d++) {
    store<i8>(keys + <usize>d, <i8>nearest<f32>(get(qkv, key + d) * inverse));
  }
  return top / 127;
}

/** Scores [T] in powers of 2 to u8 shares [T] of 255, the rest of each carried to the eighth after it; returns 1 / their sum. */
function quantizeShares(scores: usize, T: i32, shares: usize): f32 {
  let top: f32 = -Infinity;
  for (let s = 0; s < T; s++) top = max<f32>(top, get(scores, s));
  let sum = 0;
  for (let lane = 0; lane < min(8, T); lane++) {
    let carry: f32 = 0;
    for (let s = lane; s < T; s += 8) {
      const x = min<f32>(255, powerOf(get(scores, s) - top) + carry);
      const share = nearest<f32>(x);
      carry = x - share;
      store<u8>(shares + <usize>s, <u8>share);
      sum += <i32>share;
    }
  }
  return <f32>1 / <f32>sum;
}

/** 255 * 2^x, at least 255 * 2^-100. */
function powerOf(value: f32): f32 {
  const x = max<f32>(value, -100);
  const n = nearest<f32>(x);
  const f = x - n;
  let p: f32 = <f32>14.0272382 * f + <f32>61.7637615;
  p = p * f + <f32>176.787147;
  p = p * f + 255;
  return p * reinterpret<f32>((<i32>n + 127) << 23);
}

/** One column of values to i8 [T], about the middle of its range. */
function quantizeColumn(qkv: usize, T: i32, D: i32, column: i32, values: usize, scale: usize, middle: usize, d: i32): void {
  let low = get(qkv, column), high = low;
  for (let s = 1; s < T; s++) {
    low = min<f32>(low, get(qkv, s * 3 * D + column));
    high = max<f32>(high, get(qkv, s * 3 * D + column));
  }
  const centre: f32 = (low + high) * 0.5;
  const reach = max<f32>(1e-12, (high - low) * 0.5);
  const inverse: f32 = 127 / reach;
  for (let s = 0; s < T; s++) {
    store<i8>(values + <usize>s, <i8>nearest<f32>((get(qkv, s * 3 * D + column) - centre) * inverse));
  }
  set(scale, d, reach / 127);
  set(middle, d, centre);
}
