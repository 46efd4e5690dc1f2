/** Middle value; the mean of the two middle values where the count is even. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: expected at least one value, got none');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Percentile bootstrap interval of the median (Efron 1979), 95 %.
 * Seeded, so that a report made twice from one run says the same.
 */
export function medianInterval(values: readonly number[], resamples = 2000): [low: number, high: number] {
  const random = lcg(1);
  const medians = Array.from({ length: resamples }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)])),
  ).sort((a, b) => a - b);
  return [medians[Math.floor(resamples * 0.025)], medians[Math.ceil(resamples * 0.975) - 1]];
}

/** Numerical Recipes' 32-bit linear congruential generator, in [0, 1); its high bits are good enough to resample. */
function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
