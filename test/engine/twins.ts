import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { Bench, binaries, relaxedModule } from '../fixtures/kernels.ts';

/* What tests of kernels against their scalar twins (assembly/scalar) share. */

export type Scalar = Record<string, (...args: number[]) => number>;

const scalarModule = new WebAssembly.Module(readFileSync(new URL('../../build/scalar.wasm', import.meta.url)));
const relaxed = relaxedModule();

export const builds = [
  { name: 'base', module: await binaries.load('base') },
  { name: relaxed.emulated ? 'relaxed, its dot emulated' : 'relaxed', module: relaxed.module },
];

/** Memory is filled with NaN beforehand, so that a read outside a kernel's inputs shows. */
export function setup(module: WebAssembly.Module) {
  const bench = new Bench(module, 300);
  const scalar = new WebAssembly.Instance(scalarModule, { env: { memory: bench.memory } }).exports as unknown as Scalar;
  return { bench, kernels: bench.kernels, scalar };
}

/** Values as hidden states have them: mostly small, a few large, some 0. */
export function floats(next: () => number, length: number): Float32Array {
  return Float32Array.from({ length }, () => {
    const kind = next();
    const value = (next() - 0.5) * 4;
    if (kind < 0.02) return 0;
    return kind < 0.04 ? value * 20 : value;
  });
}

export const integer = (next: () => number, from: number, to: number) => from + Math.floor(next() * (to - from + 1));

/** Rows of `values`, [M, N], each with zeros up to `stride`. */
export function strided(values: Float32Array, N: number, stride: number): Float32Array {
  const out = new Float32Array((values.length / N) * stride);
  for (let m = 0; m * N < values.length; m++) out.set(values.subarray(m * N, (m + 1) * N), m * stride);
  return out;
}

/** The inverse: the first N of each row. */
export function unstrided(values: Float32Array, N: number, stride: number): Float32Array {
  return values.filter((_, i) => i % stride < N);
}

const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** Whole arrays as one comparison, with the first difference in the message: toEqual is slow on long arrays. */
export function expectSameBits(actual: Float32Array, expected: Float32Array, what: string): void {
  const [a, b] = [bits(actual), bits(expected)];
  const at = a.findIndex((value, i) => value !== b[i]);
  expect(at, `${what}: at ${at} ${actual[at]}, the twin ${expected[at]}`).toBe(-1);
  expect(a.length).toBe(b.length);
}
