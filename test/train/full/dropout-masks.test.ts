import { expect, test } from 'vitest';
import { DropoutMasks } from '../../../src/train/full/dropout-masks.ts';
import { binaries } from '../../fixtures/kernels.ts';

const module = await binaries.load('base');
const MASKS = [
  { name: 'first', shape: ['B', 'S', 700], p: 0.1 },
  { name: 'second', shape: ['B', 3, 'S', 'S'], p: 0.5 },
];

test('masks have their shapes and their part of zeros, the same for the same step alone', () => {
  const masks = new DropoutMasks(module, MASKS, 42);
  const sizes = { B: 5, S: 60 };
  const { first, second } = masks.draw(1, sizes);
  expect([first.shape, second.shape]).toEqual([
    [5, 60, 700],
    [5, 3, 60, 60],
  ]);
  for (const [{ data }, p] of [
    [first, 0.1],
    [second, 0.5],
  ] as const) {
    const values = data as Uint8Array;
    const dropped = values.filter((value) => value === 0).length / values.length;
    expect(new Set(values)).toEqual(new Set([0, 1]));
    expect(Math.abs(dropped - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / values.length));
  }
  expect(masks.draw(1, sizes)).toEqual({ first, second });
  expect(new DropoutMasks(module, MASKS, 42).draw(1, sizes)).toEqual({ first, second });
  expect(masks.draw(2, sizes).first).not.toEqual(first);
  expect(new DropoutMasks(module, MASKS, 43).draw(1, sizes).first).not.toEqual(first);
});

test('no part of a mask is another again', () => {
  const { first, second } = new DropoutMasks(
    module,
    MASKS.map((mask) => ({ ...mask, p: 0.5 })),
    1,
  ).draw(1, { B: 8, S: 60 });
  const parts = [first, second].flatMap(({ data }) =>
    Array.from({ length: Math.floor(data.length / 65536) }, (_, i) =>
      (data as Uint8Array).subarray(i * 65536, i * 65536 + 64).join(''),
    ),
  );
  expect(parts.length).toBeGreaterThan(5);
  expect(new Set(parts).size).toBe(parts.length);
});
