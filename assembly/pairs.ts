/* Sums of the products of neighbours, which the base build's dot holds beyond what it is asked for: see linearQ8. */

/** v0 v1 in lane 0 twice over, v2 v3 in lane 1, and so on. */
// @ts-ignore: decorator
@inline
export function pairsTwice(v: v128): v128 {
  return i32x4.dot_i16x8_s(v, i16x8.shuffle(v, v, 1, 0, 3, 2, 5, 4, 7, 6));
}

// @ts-ignore: decorator
@inline
export function sumLanesI32(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}
