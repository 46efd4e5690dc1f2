import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Bench, binaries } from '../fixtures/kernels.ts';
import { random } from '../fixtures/random.ts';

/* How far the kernels' functions are from double precision; the bounds are what their comments state. */

const module = await binaries.load('base');

it('gelu is within 4e-7 of max(1, |x|)', () => {
  const { x, gelu } = JSON.parse(readFileSync(new URL('../golden/engine/gelu.json', import.meta.url), 'utf8'));
  const { memory, kernels, ...bench } = setup();
  const padded = Float32Array.from({ length: Math.ceil(x.length / 4) * 4 }, (_, i) => x[i] ?? 0);
  const at = bench.put(padded);
  kernels.gelu(at, padded.length);
  const y = new Float32Array(memory.buffer, at, x.length);
  const worst = Math.max(...x.map((v: number, i: number) => Math.abs(y[i] - gelu[i]) / Math.max(1, Math.abs(v))));
  expect(worst).toBeLessThan(4e-7);
});

it('exp is within 1.2e-7 of e^x from -60 to 0', () => {
  // The kernels' exp is inlined into softmax and sigmoid; its scalar twin has the same bits.
  const bytes = readFileSync(new URL('../../build/scalar.wasm', import.meta.url));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const { expOf } = exports as unknown as { expOf(x: number): number };
  let worst = 0;
  for (let i = 0; i <= 600_000; i++) {
    const x = Math.fround(-i / 10_000);
    worst = Math.max(worst, Math.abs(expOf(x) / Math.exp(x) - 1));
  }
  expect(worst).toBeLessThan(1.2e-7);
  expect(expOf(-1000)).toBe(expOf(-60));
});

it('softmax is within 1e-7, sigmoid within 1e-7', () => {
  const next = random(11);
  for (const N of [1, 2, 5, 64, 511]) {
    const { memory, kernels, ...bench } = setup();
    const values = Float32Array.from({ length: N }, () => (next() - 0.5) * 40);
    const at = bench.put(Float32Array.from({ length: Math.ceil(N / 4) * 4 }, (_, i) => values[i] ?? 0));
    kernels.softmax(at, Math.ceil(N / 4) * 16, 1, N, 1);
    const result = new Float32Array(memory.buffer, at, N);
    const top = Math.max(...values);
    const sum = values.reduce((total, v) => total + Math.exp(v - top), 0);
    values.forEach((v, i) => {
      const expected = Math.exp(v - top) / sum;
      expect(Math.abs(result[i] - expected)).toBeLessThan(1e-7);
    });
  }
  const { memory, kernels, ...bench } = setup();
  const values = Float32Array.from({ length: 4000 }, (_, i) => (i - 2000) / 37);
  const at = bench.put(values);
  kernels.sigmoid(at, values.length);
  const result = new Float32Array(memory.buffer, at, values.length);
  values.forEach((v, i) => {
    expect(Math.abs(result[i] - 1 / (1 + Math.exp(-v)))).toBeLessThan(1e-7);
  });
});

function setup() {
  const bench = new Bench(module);
  return { memory: bench.memory, kernels: bench.kernels, put: bench.put.bind(bench) };
}
