import { get, set } from './array';

/** ids i32 [T], words i8 [V, D], scale f32 [V], position f32 [positions, D], x f32 [T, D] */
export function embedQ8(ids: usize, T: i32, D: i32, words: usize, scale: usize, position: usize, x: usize): void {
  for (let t = 0; t < T; t++) {
    const id = load<i32>(ids + (<usize>t << 2));
    for (let d = 0; d < D; d++) {
      set(x, t * D + d, <f32>load<i8>(words + <usize>(id * D + d)) * get(scale, id) + get(position, t * D + d));
    }
  }
}

/** words f32 [V, D] */
export function embedF32(ids: usize, T: i32, D: i32, words: usize, position: usize, x: usize): void {
  for (let t = 0; t < T; t++) {
    const id = load<i32>(ids + (<usize>t << 2));
    for (let d = 0; d < D; d++) set(x, t * D + d, get(words, id * D + d) + get(position, t * D + d));
  }
}
