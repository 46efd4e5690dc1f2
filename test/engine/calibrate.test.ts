import { expect, it } from 'vitest';
import { calibrate } from '../../src/engine/calibrate.ts';
import type { Model } from '../../src/engine/model.ts';

/** A model that shows its observer these rows, [T, 3], for every sequence. */
function modelOf(rows: Record<string, number[][]>): Model {
  const observeInputs: Model['observeInputs'] = (ids, observer) => {
    for (const [input, values] of Object.entries(rows)) observer(input, Float32Array.from(values[ids[0]]), 3);
  };
  return { observeInputs } as Model;
}

it('finds the columns of largest magnitude over all texts, whatever their sign and order', () => {
  const model = modelOf({
    a: [
      [0.1, -9, 0.2, 0, 0, 0.3],
      [0.4, 1, 0.5, 0.1, 2, -0.6],
    ],
    b: [
      [7, 0, 1],
      [0, 0, 2],
    ],
  });
  expect(calibrate(model, [[0], [1]], 2)).toEqual(
    new Map([
      ['a', [1, 2]],
      ['b', [0, 2]],
    ]),
  );
  expect(calibrate(model, [[1], [0]], 1)).toEqual(
    new Map([
      ['a', [1]],
      ['b', [0]],
    ]),
  );
});
