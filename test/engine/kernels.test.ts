import { describe, expect, it } from 'vitest';
import { attentionBytes } from '../../src/engine/memory.ts';
import { random } from '../fixtures/random.ts';
import { builds, expectSameBits, floats, integer, lightBuilds, setup } from '../fixtures/twins.ts';

/*
 * Every kernel of both builds against its scalar twin (assembly/scalar), bit for bit, over random shapes, odd sizes and
 * extreme values. Memory is filled with NaN beforehand, so that a read outside a kernel's inputs shows.
 */

/** T over all panel splits; K, N multiples as the kernels ask. */
function* shapes(seed: number, count: number) {
  const next = random(seed);
  for (let i = 0; i < count; i++) {
    const T = i < 24 ? i + 1 : integer(next, 1, 60);
    yield { next, T, K: 16 * integer(next, 1, 12), N: 8 * integer(next, 1, 12), C: integer(next, 0, 8) };
  }
}

function outlierColumns(next: () => number, K: number, C: number): Int32Array {
  const columns = new Set<number>();
  while (columns.size < Math.min(C, K)) columns.add(integer(next, 0, K - 1));
  return Int32Array.from(columns).sort();
}

/** Rows that are all 0, constant, of one sign, and of one huge value. */
function specialRows(x: Float32Array, T: number, K: number): Float32Array {
  if (T > 3) x.fill(0, 0, K);
  if (T > 4) x.fill(-1.5, K, 2 * K);
  if (T > 5) for (let k = 2 * K; k < 3 * K; k++) x[k] = Math.abs(x[k]);
  if (T > 6) x[3 * K] = 3e37;
  return x;
}

describe.each([...builds, ...lightBuilds])('quantised kernels of the $name build', ({ module, valueBytes }) => {
  it('quantizeRows and linearQ8', () => {
    for (const { next, T, K, N, C } of shapes(1, 60)) {
      const { bench, kernels, scalar } = setup(module);
      const columns = outlierColumns(next, K, C);
      const values = specialRows(floats(next, T * K, true), T, K);
      const weights = Int8Array.from({ length: N * K }, () => integer(next, -127, 127));
      if (N > 8) weights.fill(127, 0, K); // the largest sums there are
      const x = bench.put(values);
      const at = columns.length ? bench.put(columns) : bench.take(4);
      const weight = bench.put(weights);
      const scale = bench.put(floats(next, N));
      const bias = bench.put(floats(next, N));
      const outlierWeight = bench.put(floats(next, N * columns.length));

      const q = bench.take(T * K);
      const [rowScale, rowZero] = [bench.take(T * 4), bench.take(T * 4)];
      const expected = bench.take(T * N * 4);
      scalar.quantizeRows(x, T, K, at, columns.length, q, rowScale, rowZero);
      scalar.linearQ8(
        q,
        rowScale,
        rowZero,
        x,
        at,
        columns.length,
        T,
        K,
        weight,
        scale,
        bias,
        outlierWeight,
        N,
        expected,
      );

      const packed = bench.take(T * K * valueBytes);
      const [scales, terms] = [bench.take(T * 4), bench.take(T * 4)];
      const outliers = bench.take(T * columns.length * 4);
      const packedWeight = bench.take(N * K);
      const columnTerm = bench.take(N * 4);
      const packedOutliers = bench.take(N * columns.length * 4);
      const y = bench.take(T * N * 4);
      kernels.packWeight(weight, N, K, packedWeight, columnTerm);
      kernels.packRowsF32(outlierWeight, columns.length * 4, N, columns.length, packedOutliers);
      kernels.quantizeRows(x, K * 4, T, K, at, columns.length, packed, scales, terms, outliers);
      kernels.linearQ8(
        packed,
        scales,
        terms,
        outliers,
        T,
        K,
        packedWeight,
        scale,
        bias,
        columnTerm,
        packedOutliers,
        columns.length,
        N,
        y,
        N * 4,
      );

      const shape = `T ${T}, K ${K}, N ${N}, C ${columns.length}`;
      expectSameBits(bench.floats(x, T * K), values, `${shape}: x unchanged`);
      expectSameBits(bench.floats(scales, T), bench.floats(rowScale, T), `${shape}: scales`);
      expectSameBits(bench.floats(y, T * N), bench.floats(expected, T * N), shape);
    }
  });

  it('attentionQ8, all heads at once and one by one', () => {
    for (const { next, T: t } of shapes(8, 45)) {
      const { bench, kernels, scalar } = setup(module);
      const T = t > 55 ? t + 140 : t;
      const H = integer(next, 1, 4);
      const S = 8 * integer(next, 1, 9);
      const D = H * S;
      const values = floats(next, T * 3 * D);
      if (T > 3) values.fill(0.25, D, 2 * D); // a head whose queries are all alike
      if (T > 5) for (let s = 0; s < T; s++) values[s * 3 * D + 2 * D] = -3; // a column of one value
      const qkv = bench.put(values);
      const scratch = bench.take(attentionBytes(T, S, valueBytes));
      const twinScratch = bench.take(8 * T * S + 5 * T * T + 3 * T * S + 16 * T + 8 * S);
      const [context, apart, expected] = [0, 1, 2].map(() => bench.take(T * D * 4));
      kernels.attentionQ8(qkv, D * 12, T, D, H, 0, H, scratch, context);
      for (let h = 0; h < H; h++) kernels.attentionQ8(qkv, D * 12, T, D, H, h, h + 1, scratch, apart);
      scalar.attentionQ8(qkv, T, D, H, twinScratch, expected);
      const shape = `T ${T}, D ${D}, H ${H}`;
      expectSameBits(bench.floats(context, T * D), bench.floats(expected, T * D), shape);
      expectSameBits(bench.floats(apart, T * D), bench.floats(expected, T * D), `${shape}, apart`);
    }
  });

  it('attentionQ8 has no finite answer where a score has none, though all values are finite', () => {
    const [T, D, H] = [12, 8, 1];
    const { bench, kernels } = setup(module);
    const values = floats(random(9), T * 3 * D);
    // At right angles, so that the integer sum is 0; their scales overflow.
    values.fill(0, 4 * 3 * D, 4 * 3 * D + D);
    values.fill(0, 9 * 3 * D + D, 9 * 3 * D + 2 * D);
    values[4 * 3 * D] = 1e22;
    values[9 * 3 * D + D + 1] = 1e22;
    const context = bench.take(T * D * 4);
    const scratch = bench.take(attentionBytes(T, D / H, valueBytes));
    kernels.attentionQ8(bench.put(values), D * 12, T, D, H, 0, H, scratch, context);
    expect(Array.from(bench.floats(context, T * D).subarray(4 * D, 5 * D), Number.isFinite)).toEqual(
      Array(D).fill(false),
    );
  });

  it('attentionQ8 has no finite answer where a query, a key or a value has none', () => {
    const [T, D, H] = [9, 16, 2];
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const part of [0, 1, 2]) {
        const { bench, kernels } = setup(module);
        const values = floats(random(part), T * 3 * D);
        values[4 * 3 * D + part * D + 3] = bad; // token 4, head 0, channel 3
        const context = bench.take(T * D * 4);
        const scratch = bench.take(attentionBytes(T, D / H, valueBytes));
        kernels.attentionQ8(bench.put(values), D * 12, T, D, H, 0, H, scratch, context);
        const result = bench.floats(context, T * D);
        const finite = (t: number, d: number) => Number.isFinite(result[t * D + d]);
        expect(finite(4, 3), `${bad} in part ${part}`).toBe(false);
        expect(finite(4, 8 + 3), 'the other head').toBe(true);
      }
    }
  });
});

describe.each(builds)('kernels of the $name build', ({ module }) => {
  it('matmulF32 on packed rows, with and without a bias', () => {
    for (const { next, T: M, K: k, N: n } of shapes(2, 50)) {
      const { bench, kernels, scalar } = setup(module);
      const [N, K] = [n - integer(next, 0, 7), k - integer(next, 0, 15)];
      const padded = Math.ceil(N / 8) * 8;
      const a = bench.put(floats(next, M * K, true));
      const b = bench.put(floats(next, N * K, true));
      const bias = bench.put(Float32Array.from({ length: padded }, (_, i) => (i < N ? next() : 0)));
      const packed = bench.take(padded * K * 4);
      kernels.packRowsF32(b, K * 4, N, K, packed);
      for (const start of [0, bias]) {
        const [y, expected] = [bench.take(M * padded * 4), bench.take(M * padded * 4)];
        kernels.matmulF32(a, K * 4, packed, start, y, padded * 4, M, N, K);
        scalar.matmulF32(a, K, b, K, start, expected, padded, M, N, K);
        for (let m = 0; m < M; m++) {
          const row = m * padded * 4;
          expectSameBits(bench.floats(y + row, N), bench.floats(expected + row, N), `M ${M}, N ${N}, K ${K}, row ${m}`);
        }
      }
    }
  });

  it('attention, whatever stands after the sequence', () => {
    for (const { next, T: t } of shapes(3, 45)) {
      const { bench, kernels, scalar } = setup(module);
      const T = t > 55 ? t + 40 : t;
      const H = integer(next, 1, 4);
      const D = H * 8 * integer(next, 1, 4);
      const qkv = bench.put(floats(next, T * 3 * D));
      const [scratch, scores] = [bench.take(attentionBytes(T, D / H, 0)), bench.take(T * 4)];
      const [context, expected] = [bench.take(T * D * 4), bench.take(T * D * 4)];
      kernels.attention(qkv, D * 12, T, D, H, 0, H, scratch, context);
      scalar.attention(qkv, T, D, H, scores, expected);
      expectSameBits(bench.floats(context, T * D), bench.floats(expected, T * D), `T ${T}, D ${D}, H ${H}`);
    }
  });

  it('softmax and sigmoid', () => {
    for (const { next, T: M, K } of shapes(4, 60)) {
      const { bench, kernels, scalar } = setup(module);
      const N = integer(next, 1, K);
      const stride = Math.ceil(N / 4) * 4;
      const values = floats(next, M * stride, true).map((v) => v * 30);
      const scale = Math.fround(next());
      const [x, expected] = [bench.put(values), bench.put(values)];
      kernels.softmax(x, stride * 4, M, N, scale);
      scalar.softmax(expected, stride, M, N, scale);
      for (let m = 0; m < M; m++) {
        const row = m * stride * 4;
        expectSameBits(bench.floats(x + row, N), bench.floats(expected + row, N), `softmax M ${M}, N ${N}, row ${m}`);
      }
      const [s, t] = [bench.put(values), bench.put(values)];
      kernels.sigmoid(s, values.length);
      scalar.sigmoid(t, values.length);
      expectSameBits(bench.floats(s, values.length), bench.floats(t, values.length), 'sigmoid');
    }
  });

  it('gelu and relu', () => {
    const next = random(5);
    const { bench, kernels, scalar } = setup(module);
    const extremes = [0, -0, 1e-45, -1e-45, 1e38, -1e38, 5.656854, -5.656854, 5.7, -5.7, 2 ** -126, 3.4e38];
    const values = Float32Array.from([...extremes, ...floats(next, 40_000, true)]);
    for (const kernel of ['gelu', 'relu'] as const) {
      const [x, expected] = [bench.put(values), bench.put(values)];
      kernels[kernel](x, values.length);
      scalar[kernel](expected, values.length);
      expectSameBits(bench.floats(x, values.length), bench.floats(expected, values.length), kernel);
    }
  });

  it('relu keeps NaN, so that an overflow is seen', () => {
    const { bench, kernels } = setup(module);
    const x = bench.put(Float32Array.of(Number.NaN, -1, 2, Number.POSITIVE_INFINITY));
    kernels.relu(x, 4);
    expect(Array.from(bench.floats(x, 4))).toEqual([Number.NaN, 0, 2, Number.POSITIVE_INFINITY]);
  });

  it('layerNorm and addLayerNorm', () => {
    for (const { next, T, N: D } of shapes(6, 50)) {
      const { bench, kernels, scalar } = setup(module);
      const [values, others] = [floats(next, T * D), floats(next, T * D)];
      if (T > 2) values.fill(3, 0, D); // no variance
      const [gain, bias] = [bench.put(floats(next, D)), bench.put(floats(next, D))];
      const [x, expected] = [bench.put(values), bench.put(values)];
      kernels.layerNorm(x, T, D, gain, bias, 1e-12);
      scalar.layerNorm(expected, T, D, gain, bias, 1e-12);
      expectSameBits(bench.floats(x, T * D), bench.floats(expected, T * D), `layerNorm T ${T}, D ${D}`);
      const y = bench.put(others);
      kernels.addLayerNorm(x, y, T, D, gain, bias, 1e-12);
      scalar.addLayerNorm(expected, y, T, D, gain, bias, 1e-12);
      expectSameBits(bench.floats(x, T * D), bench.floats(expected, T * D), `addLayerNorm T ${T}, D ${D}`);
    }
  });

  it('embedQ8 and embedF32', () => {
    for (const { next, T, N: D } of shapes(7, 30)) {
      const { bench, kernels, scalar } = setup(module);
      const V = integer(next, 1, 50);
      const ids = bench.put(Int32Array.from({ length: T }, () => integer(next, 0, V - 1)));
      const position = bench.put(floats(next, T * D));
      const [x, expected] = [bench.take(T * D * 4), bench.take(T * D * 4)];
      const bytes = bench.put(Int8Array.from({ length: V * D }, () => integer(next, -127, 127)));
      const scale = bench.put(floats(next, V));
      kernels.embedQ8(ids, T, D, bytes, scale, position, x);
      scalar.embedQ8(ids, T, D, bytes, scale, position, expected);
      expectSameBits(bench.floats(x, T * D), bench.floats(expected, T * D), `embedQ8 T ${T}, D ${D}, V ${V}`);
      const words = bench.put(floats(next, V * D));
      kernels.embedF32(ids, T, D, words, position, x);
      scalar.embedF32(ids, T, D, words, position, expected);
      expectSameBits(bench.floats(x, T * D), bench.floats(expected, T * D), `embedF32 T ${T}, D ${D}, V ${V}`);
    }
  });
});
