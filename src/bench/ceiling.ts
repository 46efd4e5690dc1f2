import { type Build, instantiate } from '../engine/kernels.ts';
import { Allocator, allocateMemory, wholePages } from '../engine/memory.ts';
import { timed } from './passes.ts';

/** Rows: whole panels in both builds, of four and of six. */
const T = 12;
const N = 16;
/** Between two looks at the clock. */
const CALLS = 50;

/**
 * The most that the kernel of the linear layers gives: multiply-adds on operands that stay in a first-level cache of
 * 32 kB, in panels of full height. With fewer rows or columns the call itself tells (23 ns of 5 µs, of 1 µs in the relaxed
 * build). Rows of 512 values gave 15 % less: panels of 4 KiB, those of rows and of columns, then fall on the same lines of
 * the cache.
 *
 * @returns measures for so many milliseconds and gives GMAC/s
 */
export function kernelCeiling(module: WebAssembly.Module, build: Build, dtype: 'q8' | 'fp32'): (ms: number) => number {
  const K = dtype === 'q8' ? 768 : 240;
  const allocator = new Allocator();
  const floats = (count: number) => allocator.take(count * 4);
  const x = allocator.take(T * K * (dtype === 'fp32' ? 4 : build === 'base' ? 2 : 1));
  const weight = allocator.take(N * K * (dtype === 'fp32' ? 4 : 1));
  const [rowScale, rowTerm, scale, bias, columnTerm, y] = [T, T, N, N, N, T * N].map(floats);
  const memory = allocateMemory(wholePages(allocator.end));
  const { linearQ8, matmulF32 } = instantiate(module, memory);
  // Memory that was never written is one page of zeros in many places, which Zen 2 reads 7 % slower.
  if (dtype === 'q8') new Uint8Array(memory.buffer, x, weight + N * K - x).fill(1);
  else new Float32Array(memory.buffer, x, (weight - x) / 4 + N * K).fill(1);
  const run =
    dtype === 'q8'
      ? () => linearQ8(x, rowScale, rowTerm, 0, T, K, weight, scale, bias, columnTerm, 0, 0, N, y, N * 4)
      : () => matmulF32(x, K * 4, weight, bias, y, N * 4, T, N, K);
  return (ms) => {
    let calls = 0;
    let took = 0;
    for (; took < ms; calls += CALLS) {
      took += timed(() => {
        for (let i = 0; i < CALLS; i++) run();
      });
    }
    return (calls * T * N * K) / took / 1e6;
  };
}
