/** Resident memory after so many requests, bytes. */
export interface Reading {
  requests: number;
  /** As it was found: with garbage that V8 had no need to collect yet, 9 kB a request of an empty worker's too. */
  found: number;
  /** After a collection. */
  kept: number;
}

/** The last of them are judged: until 2,000 or so an empty worker grows too, by 9 MB from the 100th to the 1,000th. */
export const READINGS = [1, 10, 100, 1000, 3000, 5000];

/**
 * Bytes a request from the 3,000th to the 5,000th. Measured: 50 with a model, 50 of an empty worker, 1,500 where every request
 * kept an array of 1 kB.
 */
export const MOST_GROWTH = 500;

/** Bytes a request by which what is kept grew between the last two readings. */
export function growth(readings: readonly Reading[]): number {
  const [from, to] = readings.slice(-2);
  return (to.kept - from.kept) / (to.requests - from.requests);
}
