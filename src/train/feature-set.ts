import { DataError } from '../errors.ts';
import type { HeadConfig } from '../model/head.ts';
import type { FeatureSet } from './features.ts';

/** The label of a vector that has none, as in torch. */
const IGNORED = -100;

/**
 * Kernels trust what they are given: a label id outside the head would reach other memory.
 *
 * @param name of the set, for messages
 * @throws DataError where the set does not fit the head
 */
export function checkFeatureSet({ features, starts, targets }: FeatureSet, config: HeadConfig, name: string): void {
  const fail = (expected: string, got: unknown): never => {
    throw new DataError(`${name}: expected ${expected}, got ${got}`);
  };
  const { count, width } = features;
  const L = config.labels.length;
  if (width !== config.width) fail(`features of width ${config.width}`, width);
  const last = starts[starts.length - 1];
  if (starts[0] !== 0 || last !== count) fail(`rows of ${count} vectors`, last);
  for (let r = 0; r + 1 < starts.length; r++) {
    if (starts[r + 1] < starts[r]) fail('rows in order', `row ${r} with ${starts[r + 1] - starts[r]} vectors`);
  }
  const several = config.problemType === 'multi_label_classification';
  const length = several ? count * L : count;
  if (targets.length !== length) fail(`${length} targets`, targets.length);
  const valid = several
    ? (target: number) => target >= 0 && target <= 1
    : (target: number) => target === IGNORED || (Number.isInteger(target) && target >= 0 && target < L);
  const wrong = targets.findIndex((target) => !valid(target));
  if (wrong >= 0) fail(several ? 'targets from 0 to 1' : `label ids below ${L}, or ${IGNORED}`, targets[wrong]);
}

/** Targets of the vectors from `from` to `to`. */
export function targetsOf({ targets, features }: FeatureSet, from: number, to: number): Int32Array | Float32Array {
  const each = targets.length / features.count;
  return targets.subarray(from * each, to * each);
}

/** Vectors of the `rows` longest rows together: a shuffled batch may hold them all. */
export function longestBatch({ starts }: FeatureSet, rows: number): number {
  const lengths = Uint32Array.from({ length: starts.length - 1 }, (_, r) => starts[r + 1] - starts[r]).sort();
  return lengths.subarray(-rows).reduce((a, b) => a + b, 0);
}

/** The most vectors in any of the pieces of `rows` rows in order. */
export function longestPiece({ starts }: FeatureSet, rows: number): number {
  let most = 0;
  for (let r = 0; r + 1 < starts.length; r += rows) {
    most = Math.max(most, starts[Math.min(r + rows, starts.length - 1)] - starts[r]);
  }
  return most;
}
