import fc from 'fast-check';
import { expect, it } from 'vitest';
import { meanRows, normalizeRows } from '../../src/engine/pooling.ts';

const f = Math.fround;
const matrix = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([T, D]) =>
  fc.record({
    T: fc.constant(T),
    D: fc.constant(D),
    values: fc.float32Array({
      minLength: T * D,
      maxLength: T * D,
      noNaN: true,
      noDefaultInfinity: true,
      min: -1e4,
      max: 1e4,
    }),
  }),
);

it('the mean has the order of operations that is stated', () => {
  fc.assert(
    fc.property(matrix, ({ T, D, values }) => {
      const expected = Array.from({ length: D }, (_, d) => {
        let sum = values[d];
        for (let t = 1; t < T; t++) sum = f(sum + values[t * D + d]);
        return f(sum / T);
      });
      expect(Array.from(meanRows(values, D))).toEqual(expected);
    }),
  );
});

it('so has the norm', () => {
  fc.assert(
    fc.property(matrix, ({ D, values }) => {
      const expected: number[] = [];
      for (let row = 0; row < values.length; row += D) {
        let squares = 0;
        for (let d = row; d < row + D; d++) squares = f(squares + f(values[d] * values[d]));
        const norm = Math.max(f(Math.sqrt(squares)), f(1e-12));
        for (let d = row; d < row + D; d++) expected.push(f(values[d] / norm));
      }
      const result = values.slice();
      normalizeRows(result, D);
      expect(Array.from(result)).toEqual(expected);
    }),
  );
});
