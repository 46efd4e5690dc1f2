import type { Tensor } from '../../ort/tensor.ts';
import type { EncodedRows } from './encode-rows.ts';
import { type TargetOptions, totalWeight, writeTarget } from './targets.ts';

/** A batch of rows, padded: what a graph is fed of it. */
export interface PaddedBatch {
  B: number;
  S: number;
  feeds: Record<string, Tensor>;
}

export interface BatchOptions extends TargetOptions {
  task: 'sequence' | 'token';
  /** Sum of weights that the loss is a mean over; default that of the rows. */
  total?: number;
  /** At least these sizes, where several batches are stacked. */
  B?: number;
  S?: number;
}

export function longest({ readings }: EncodedRows, rows: readonly number[]): number {
  return rows.reduce((most, row) => Math.max(most, readings[row].ids.length), 1);
}

/**
 * The feeds of src/ort/training-step.ts for these rows: `ids`, `mask`, `positions`, `targets`, and `isFirst` of a sequence head. A row too
 * many has one token and no target.
 */
export function paddedBatch(set: EncodedRows, rows: readonly number[], options: BatchOptions): PaddedBatch {
  const { task, labels: L, total = totalWeight(set, rows, options) } = options;
  const B = Math.max(rows.length, options.B ?? 1);
  const S = Math.max(longest(set, rows), options.S ?? 1);
  const ids = new BigInt64Array(B * S);
  const mask = new BigInt64Array(B * S);
  const several = set.targets instanceof Float32Array;
  const width = several ? 2 * L : L;
  const perRow = task === 'token' ? S : 1;
  const targets = new Float32Array(B * perRow * width);
  for (let b = 0; b < B; b++) mask[b * S] = 1n;
  for (const [b, row] of rows.entries()) {
    const reading = set.readings[row];
    for (let s = 0; s < reading.ids.length; s++) {
      ids[b * S + s] = BigInt(reading.ids[s]);
      mask[b * S + s] = 1n;
    }
    let vector = set.starts[row];
    for (const token of reading.firsts ?? [0]) {
      if (token < 0) continue;
      const at = (b * perRow + token) * width;
      writeTarget(targets.subarray(at, at + width), set, vector++, total, options);
    }
  }
  const shape = task === 'token' ? [B, S, L] : several ? [B, L, 2] : [B, L];
  return {
    B,
    S,
    feeds: {
      ids: { type: 'int64', shape: [B, S], data: ids },
      mask: { type: 'int64', shape: [B, S], data: mask },
      positions: { type: 'int64', shape: [S], data: BigInt64Array.from({ length: S }, (_, s) => BigInt(s)) },
      targets: { type: 'float32', shape, data: targets },
      ...(task === 'sequence' ? { isFirst: firstOf(S) } : {}),
    },
  };
}

function firstOf(S: number): Tensor {
  const data = new Float32Array(S);
  data[0] = 1;
  return { type: 'float32', shape: [S, 1], data };
}
