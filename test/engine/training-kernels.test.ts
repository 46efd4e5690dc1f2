import { describe, expect, it } from 'vitest';
import { fromPanels } from '../../src/engine/panels.ts';
import { random } from '../fixtures/random.ts';
import { builds, expectSameBits, floats, integer, setup, strided, unstrided } from '../fixtures/twins.ts';

/*
 * Every kernel of training in both builds against its scalar twin, bit for bit, over odd shapes and extreme values; the
 * losses also against f64, and their gradients against finite differences. Those of whole heads: train/head-backend.test.ts.
 */

const padded = (n: number) => Math.ceil(n / 8) * 8;

/** M across the blocks of weightGradient, N and K across all remainders. */
function* shapes(seed: number, count: number) {
  const next = random(seed);
  for (let i = 0; i < count; i++) {
    yield { next, M: i < 8 ? i + 1 : integer(next, 1, 100), N: integer(next, 1, 40), K: integer(next, 1, 50) };
  }
}

describe.each(builds)('training kernels of the $name build', ({ module }) => {
  it('weightGradient, biasGradient, and transposePanels with matmulF32', () => {
    for (const { next, M, N, K } of shapes(1, 60)) {
      const { bench, kernels, scalar } = setup(module);
      const shape = `M ${M}, N ${N}, K ${K}`;
      const stride = padded(N);
      const x = bench.put(floats(next, M * K));
      const dy = bench.put(strided(floats(next, M * N), N, stride));
      const weight = bench.put(floats(next, N * K));

      const [gradient, expected] = [bench.take(stride * K * 4), bench.take(N * K * 4)];
      kernels.weightGradient(x, K * 4, dy, stride * 4, M, N, K, gradient);
      scalar.weightGradient(x, K, dy, stride, M, N, K, expected);
      const panels = bench.floats(gradient, stride * K);
      expectSameBits(fromPanels(panels, N, K), bench.floats(expected, N * K), shape);
      expect(
        fromPanels(panels, stride, K)
          .subarray(N * K)
          .every((value) => value === 0),
        shape,
      ).toBe(true);

      const [bias, expectedBias] = [bench.take(stride * 4), bench.take(stride * 4)];
      kernels.biasGradient(dy, stride * 4, M, stride, bias);
      scalar.biasGradient(dy, stride, M, stride, expectedBias);
      expectSameBits(bench.floats(bias, stride), bench.floats(expectedBias, stride), `${shape}: bias`);

      const packed = bench.take(stride * K * 4);
      const transposed = bench.take(padded(K) * N * 4);
      const [dx, expectedDx] = [bench.take(M * padded(K) * 4), bench.take(M * K * 4)];
      kernels.packRowsF32(weight, K * 4, N, K, packed);
      kernels.transposePanels(packed, N, K, transposed);
      kernels.matmulF32(dy, stride * 4, transposed, 0, dx, padded(K) * 4, M, K, N);
      scalar.inputGradient(dy, stride, weight, M, N, K, expectedDx);
      const rows = bench.floats(dx, M * padded(K));
      expectSameBits(unstrided(rows, K, padded(K)), bench.floats(expectedDx, M * K), `${shape}: dx`);
      expect(
        rows.every((value, i) => i % padded(K) < K || value === 0),
        `${shape}: dx past K`,
      ).toBe(true);
    }
  });

  it('reluGradient, which lets NaN pass', () => {
    const { bench, kernels, scalar } = setup(module);
    const next = random(2);
    const outputs = Float32Array.from([0, -0, Number.NaN, Infinity, ...floats(next, 40).map((v) => Math.max(v, 0))]);
    const gradients = floats(next, outputs.length);
    const y = bench.put(outputs);
    const [dy, expected] = [bench.put(gradients), bench.put(gradients)];
    kernels.reluGradient(dy, y, outputs.length);
    scalar.reluGradient(expected, y, outputs.length);
    expectSameBits(bench.floats(dy, outputs.length), bench.floats(expected, outputs.length), 'reluGradient');
    expect(bench.floats(dy, 4)).toEqual(Float32Array.of(0, 0, gradients[2], gradients[3]));
  });

  it('dropout', () => {
    const next = random(3);
    for (let i = 0; i < 60; i++) {
      const { bench, kernels, scalar } = setup(module);
      const N = integer(next, 1, 300);
      const values = floats(next, N);
      const room = Math.ceil(N / 32) * 32;
      const x = bench.take(room * 4);
      new Float32Array(bench.memory.buffer, x, N).set(values);
      const [expected, words] = [bench.put(values), bench.take(16)];
      const [seed, stream, step] = [0, 1, 2].map(() => Math.floor(next() * 2 ** 32));
      // The bits of the first element among them, which are just enough.
      scalar.philox(0, step, 0, 0, seed, stream, words);
      const threshold = i % 2 ? new Uint16Array(bench.memory.buffer, words, 1)[0] : integer(next, 1, 65535);
      kernels.dropout(x, N, threshold, seed, stream, step);
      scalar.dropout(expected, N, threshold, seed, stream, step, words);
      expectSameBits(bench.floats(x, N), bench.floats(expected, N), `N ${N}, threshold ${threshold}, seed ${seed}`);
    }
  });

  it('dropout leaves the part p out, keeps the mean, and draws anew for each step, seed and stream', () => {
    const { bench, kernels } = setup(module);
    const N = 100_000;
    const masks = new Set<string>();
    for (const [seed, stream, step] of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 2],
    ]) {
      const x = bench.put(new Float32Array(N).fill(1));
      kernels.dropout(x, N, 0.3 * 65536, seed, stream, step);
      const values = bench.floats(x, N);
      const dropped = values.filter((value) => value === 0).length / N;
      expect(Math.abs(dropped - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / N));
      expect(new Set(values)).toEqual(new Set([0, Math.fround(65536 / (65536 - Math.floor(0.3 * 65536)))]));
      masks.add(values.subarray(0, 200).join());
    }
    expect(masks.size).toBe(4);
  });

  it('crossEntropy, with class weights, label smoothing and rows without a label', () => {
    for (const { next, M, N: L } of shapes(4, 80)) {
      const { bench, kernels, scalar } = setup(module);
      const stride = padded(L);
      const logits = strided(
        floats(next, M * L).map((v) => v * 3),
        L,
        stride,
      );
      const targets = bench.put(Int32Array.from({ length: M }, () => (next() < 0.2 ? -100 : integer(next, 0, L - 1))));
      const weighted = next() < 0.5;
      const weights = bench.put(
        strided(
          Float32Array.from({ length: L }, () => (weighted ? next() * 3 : 1)),
          L,
          stride,
        ),
      );
      const smoothing = next() < 0.5 ? 0.1 : 0;
      const [x, expected] = [bench.put(logits), bench.put(logits)];
      const args = [M, L, targets, weights, 1 - smoothing, smoothing / L, M / 2] as const;
      const loss = kernels.crossEntropy(x, stride * 4, ...args);
      expect(loss).toBe(scalar.crossEntropy(expected, stride, ...args));
      const gradient = bench.floats(x, M * stride);
      const shape = `M ${M}, L ${L}, smoothing ${smoothing}`;
      expectSameBits(unstrided(gradient, L, stride), unstrided(bench.floats(expected, M * stride), L, stride), shape);
      expect(
        gradient.every((value, i) => i % stride < L || value === 0),
        `${shape}: past L`,
      ).toBe(true);
    }
  });

  it('sigmoidCrossEntropy', () => {
    for (const { next, M, N: L } of shapes(5, 60)) {
      const { bench, kernels, scalar } = setup(module);
      const stride = padded(L);
      const logits = strided(
        floats(next, M * L).map((v) => v * 3),
        L,
        stride,
      );
      const ones = Float32Array.from({ length: M * L }, () => (next() < 0.3 ? 1 : 0));
      const targets = bench.put(strided(ones, L, stride));
      const [x, expected] = [bench.put(logits), bench.put(logits)];
      const loss = kernels.sigmoidCrossEntropy(x, stride * 4, M, L, targets, M * L);
      expect(loss).toBe(scalar.sigmoidCrossEntropy(expected, stride, M, L, targets, M * L));
      const gradient = bench.floats(x, M * stride);
      expectSameBits(
        unstrided(gradient, L, stride),
        unstrided(bench.floats(expected, M * stride), L, stride),
        `M ${M}, L ${L}`,
      );
      expect(
        gradient.every((value, i) => i % stride < L || value === 0),
        `L ${L}: past L`,
      ).toBe(true);
    }
  });

  it('sumSquares and adamw', () => {
    for (const { next, M: m } of shapes(6, 40)) {
      const { bench, kernels, scalar } = setup(module);
      const N = 8 * m;
      const gradient = bench.put(floats(next, N).map((v) => v * 1e20));
      expect(kernels.sumSquares(gradient, N)).toBe(scalar.sumSquares(gradient, N));

      const values = [floats(next, N), floats(next, N), floats(next, N), floats(next, N).map(Math.abs)];
      const [actual, expected] = [values.map((v) => bench.put(v)), values.map((v) => bench.put(v))];
      const factors = [next(), 1 - next() * 0.1, 0.1, 0.999, 0.001, 1 + next(), 1e-8, next()];
      kernels.adamw(...(actual as [number, number, number, number]), N, ...(factors as Factors));
      scalar.adamw(...expected, N, ...factors);
      for (let i = 0; i < 4; i++) {
        expectSameBits(bench.floats(actual[i], N), bench.floats(expected[i], N), `adamw N ${N}, array ${i}`);
      }
    }
  });
});

type Factors = [number, number, number, number, number, number, number, number];

describe('losses', () => {
  const { module } = builds[0];

  /** Sum of the losses of one batch, and its gradient, total 1. */
  function crossEntropy(logits: Float32Array, L: number, labels: number[], weights: number[], smoothing: number) {
    const { bench, kernels } = setup(module);
    const stride = padded(L);
    const M = labels.length;
    const x = bench.put(strided(logits, L, stride));
    const targets = bench.put(Int32Array.from(labels));
    const w = bench.put(strided(Float32Array.from(weights), L, stride));
    const loss = kernels.crossEntropy(x, stride * 4, M, L, targets, w, 1 - smoothing, smoothing / L, 1);
    return { loss, gradient: unstrided(bench.floats(x, M * stride), L, stride) };
  }

  function sigmoidCrossEntropy(logits: Float32Array, L: number, ones: Float32Array) {
    const { bench, kernels } = setup(module);
    const stride = padded(L);
    const M = logits.length / L;
    const x = bench.put(strided(logits, L, stride));
    const loss = kernels.sigmoidCrossEntropy(x, stride * 4, M, L, bench.put(strided(ones, L, stride)), 1);
    return { loss, gradient: unstrided(bench.floats(x, M * stride), L, stride) };
  }

  /** Central differences of `loss` at each logit, against `gradient`. */
  function expectDerivative(logits: Float32Array, gradient: Float32Array, loss: (x: Float32Array) => number): void {
    const h = 2 ** -6;
    for (let i = 0; i < logits.length; i++) {
      const [up, down] = [logits.slice(), logits.slice()];
      up[i] += h;
      down[i] -= h;
      const difference = (loss(up) - loss(down)) / (up[i] - down[i]);
      expect(Math.abs(difference - gradient[i]), `logit ${i}: ${difference}, ${gradient[i]}`).toBeLessThan(2e-4);
    }
  }

  it.each([
    [2, 0, false],
    [5, 0, true],
    [5, 0.1, false],
    [13, 0.3, true],
  ])('cross-entropy of %i labels, smoothing %f, class weights %s: value and derivative', (L, smoothing, weighted) => {
    const next = random(L);
    const logits = Float32Array.from({ length: 4 * L }, () => (next() - 0.5) * 6);
    const labels = [0, L - 1, -100, 1];
    const weights = Array.from({ length: L }, () => (weighted ? Math.fround(0.2 + next()) : 1));
    const { loss, gradient } = crossEntropy(logits, L, labels, weights, smoothing);
    let expected = 0;
    labels.forEach((label, m) => {
      if (label === -100) return;
      const row = Array.from(logits.subarray(m * L, (m + 1) * L));
      const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
      expected += (1 - smoothing) * weights[label] * (logSum - row[label]);
      row.forEach((x, c) => {
        expected += (smoothing / L) * weights[c] * (logSum - x);
      });
    });
    expect(Math.abs(loss / expected - 1)).toBeLessThan(3e-7);
    expectDerivative(logits, gradient, (x) => crossEntropy(x, L, labels, weights, smoothing).loss);
  });

  it('sigmoid cross-entropy: value and derivative', () => {
    const next = random(7);
    const logits = Float32Array.from({ length: 30 }, () => (next() - 0.5) * 8);
    const ones = Float32Array.from({ length: 30 }, () => (next() < 0.5 ? 1 : 0));
    const { loss, gradient } = sigmoidCrossEntropy(logits, 5, ones);
    const expected = logits.reduce((sum, x, i) => sum + Math.log1p(Math.exp(ones[i] ? -x : x)), 0);
    expect(Math.abs(loss / expected - 1)).toBeLessThan(3e-7);
    expectDerivative(logits, gradient, (x) => sigmoidCrossEntropy(x, 5, ones).loss);
  });

  it('neither overflows', () => {
    const logits = Float32Array.of(1e38, -1e38, 80, 90, -1000, 1000);
    const { loss, gradient } = crossEntropy(logits, 2, [1, 0, 1], [1, 1], 0);
    expect(loss / 2e38).toBeCloseTo(1, 6);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(crossEntropy(logits.subarray(2), 2, [0, 1], [1, 1], 0).loss).toBeCloseTo(10.0000454, 5);
    expect(sigmoidCrossEntropy(logits, 2, Float32Array.of(1, 0, 0, 1, 0, 0)).loss).toBe(1080);
  });

  it('log(1 + e^-|x|) keeps what 1 + e^-|x| loses', () => {
    for (const x of [10, 15, 20, 40]) {
      const { loss } = sigmoidCrossEntropy(Float32Array.of(x), 1, Float32Array.of(1));
      expect(Math.abs(loss / Math.log1p(Math.exp(-x)) - 1)).toBeLessThan(5e-7);
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('a logit of %f gives a loss of NaN', (wrong) => {
    for (const at of [0, 1, 2, 4]) {
      const logits = Float32Array.of(0, 1, 2, 3, 4);
      logits[at] = wrong;
      expect(crossEntropy(logits, 5, [2], [1, 1, 1, 1, 1], 0).loss).toBeNaN();
      expect(crossEntropy(logits, 5, [2], [1, 1, 1, 1, 1], 0).gradient.some(Number.isNaN)).toBe(true);
      expect(sigmoidCrossEntropy(logits, 5, Float32Array.of(1, 1, 1, 1, 1)).loss).toBeNaN();
    }
  });

  it('log is within 7.8e-8 of the logarithm, relative to it', () => {
    const { scalar } = setup(module);
    const next = random(8);
    let worst = 0;
    for (let i = 0; i < 50_000; i++) {
      const x = Math.fround(i % 2 ? 1 + next() : 2 ** (next() * 250 - 125));
      worst = Math.max(worst, Math.abs(scalar.logOf(x) / Math.log(x) - 1));
    }
    expect(worst).toBeLessThan(7.8e-8);
    expect(scalar.logOf(1)).toBe(0);
  });
});

describe('Philox', () => {
  it.each([
    // Random123's kat_vectors, philox4x32 10.
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('counter %s, key %s', (counter, key, words) => {
    const { bench, scalar } = setup(builds[0].module);
    const hex = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));
    const at = bench.take(16);
    scalar.philox(...hex(counter), ...hex(key), at);
    expect(new Uint32Array(bench.memory.buffer, at, 4)).toEqual(Uint32Array.from(hex(words)));
  });
});
