/**
 * Word embedding + position embedding of one sequence, from positions 0, 1, …
 *
 *   ids       i32 [T], each below V
 *   words     i8 [V, D], word v being words[v] * scale[v] (f32 [V])
 *   position  f32 [positions, D]
 *   x         f32 [T, D]
 *
 * D is a multiple of 8.
 */
export function embedQ8(ids: usize, T: i32, D: i32, words: usize, scale: usize, position: usize, x: usize): void {
  for (let t: usize = 0; t < <usize>T; t++) {
    const id = <usize>load<i32>(ids + (t << 2));
    const factor = v128.load32_splat(scale + (id << 2));
    let word = words + id * <usize>D;
    const end = word + <usize>D;
    while (word < end) {
      const w = v128.load8x8_s(word);
      const low = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(w)), factor);
      const high = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(w)), factor);
      v128.store(x, f32x4.add(low, v128.load(position)));
      v128.store(x, f32x4.add(high, v128.load(position, 16)), 16);
      word += 8;
      position += 32;
      x += 32;
    }
  }
}

/** The same from f32 words, f32 [V, D]. */
export function embedF32(ids: usize, T: i32, D: i32, words: usize, position: usize, x: usize): void {
  const bytes = <usize>D << 2;
  for (let t: usize = 0; t < <usize>T; t++) {
    let word = words + <usize>load<i32>(ids + (t << 2)) * bytes;
    const end = word + bytes;
    while (word < end) {
      v128.store(x, f32x4.add(v128.load(word), v128.load(position)));
      word += 16;
      position += 16;
      x += 16;
    }
  }
}
