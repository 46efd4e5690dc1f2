/** Memory after so many requests, garbage collected. */
export interface Reading {
  requests: number;
  /** Bytes that V8 keeps: objects, and what they own beyond its heap. */
  kept: number;
  /** Bytes of the process. */
  resident: number;
}

/** By the 1,000th request a worker is warm; the last two readings are judged. */
export const READINGS = [1, 10, 100, 1000, 3000];

/**
 * Requests between collections. Each leaves 9 kB of garbage in an empty worker too, which V8 keeps for long; collected every 2,000
 * requests, an empty worker's resident memory went up in steps from 81 to 91 MB, every 100 it stayed at 62.4 to 62.5 over 19,000.
 */
export const COLLECT_EVERY = 100;

/** Bytes a request. Measured: 1 from the 1,000th on and 5 to 24 from the 100th where nothing is kept, 1,200 where 1 kB is. */
export const MOST_GROWTH = 100;

/**
 * Bytes a request by which what is kept grew between the last two readings. Resident memory is no measure of it: from the 1,000th
 * request to the 5,000th it went down by 0.7 MB where nothing was kept, and up by no more than 0.7 MB where 4 MB of arrays were,
 * since the allocator had room for them; between, readings of one worker differed by 3 MB.
 */
export function growth(readings: readonly Reading[]): number {
  const [from, to] = readings.slice(-2);
  return (to.kept - from.kept) / (to.requests - from.requests);
}
