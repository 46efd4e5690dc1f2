import { get, set } from './array';

let c0: u32 = 0, c1: u32 = 0, c2: u32 = 0, c3: u32 = 0;

/** Words 0 to 3 of Philox-4x32-10, at `words`. */
export function philox(counter0: u32, counter1: u32, counter2: u32, counter3: u32, key0: u32, key1: u32, words: usize): void {
  c0 = counter0;
  c1 = counter1;
  c2 = counter2;
  c3 = counter3;
  for (let round = 0; round < 10; round++) {
    const a: u64 = <u64>c0 * 0xd2511f53;
    const b: u64 = <u64>c2 * 0xcd9e8d57;
    c0 = <u32>(b >> 32) ^ c1 ^ key0;
    c1 = <u32>b;
    c2 = <u32>(a >> 32) ^ c3 ^ key1;
    c3 = <u32>a;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  store<u32>(words, c0);
  store<u32>(words + 4, c1);
  store<u32>(words + 8, c2);
  store<u32>(words + 12, c3);
}

/** x f32 [N]; words scratch u32 [4] */
export function dropout(x: usize, N: i32, threshold: i32, seed: u32, stream: u32, step: u32, words: usize): void {
  const scale: f32 = <f32>65536 / <f32>(<i32>65536 - threshold);
  for (let i = 0; i < N; i++) {
    philox(4 * (i / 32) + (i / 2) % 4, step, 0, 0, seed, stream, words);
    const half = load<u16>(words + <usize>((i / 8) % 4) * 4 + <usize>(i % 2) * 2);
    set(x, i, <i32>half >= threshold ? get(x, i) * scale : 0);
  }
}
