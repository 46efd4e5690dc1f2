import { median, medianInterval } from './statistics.ts';
import { threadTime } from './thread-time.mjs';

export { threadTime };

export interface Contestant {
  name: string;
  /** One step of a round. A round that is one call has the one step 0. */
  run(step: number): Promise<unknown> | unknown;
}

/** Milliseconds of each round, by contestant. */
export type Rounds = Map<string, number[]>;

export interface Comparison {
  /** Median milliseconds of each side. */
  baseline: number;
  candidate: number;
  /** Median over the rounds of baseline / candidate: how many times faster the candidate is. */
  speedup: number;
  interval: [low: number, high: number];
  rounds: number;
}

/**
 * Times the contestants step by step in turn, so that a busy neighbour or a clock change hits all alike. Every step
 * starts with the next contestant and every other one goes backwards, so that none always follows the same other one.
 * `clock` gives milliseconds.
 */
export async function interleave(
  contestants: readonly Contestant[],
  options: { rounds: number; warmup: number; steps?: number; clock?: () => number },
): Promise<Rounds> {
  const { rounds, warmup, steps = 1, clock = threadTime } = options;
  const times: Rounds = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    const sums = contestants.map(() => 0);
    for (let step = 0; step < steps; step++) {
      const n = (round + warmup) * steps + step;
      for (let turn = 0; turn < contestants.length; turn++) {
        const i = (n + (n % 2 === 0 ? turn : contestants.length - turn)) % contestants.length;
        const start = clock();
        await contestants[i].run(step);
        sums[i] += clock() - start;
      }
    }
    if (round >= 0) contestants.forEach(({ name }, i) => void times.get(name)?.push(sums[i]));
  }
  return times;
}

export function compare(rounds: Rounds, baseline: string, candidate: string): Comparison {
  const slow = timesOf(rounds, baseline);
  const fast = timesOf(rounds, candidate);
  const ratios = slow.map((ms, round) => ms / fast[round]);
  return {
    baseline: median(slow),
    candidate: median(fast),
    speedup: median(ratios),
    interval: medianInterval(ratios),
    rounds: ratios.length,
  };
}

function timesOf(rounds: Rounds, name: string): number[] {
  const times = rounds.get(name);
  if (times === undefined) throw new RangeError(`rounds: expected a contestant "${name}", got ${[...rounds.keys()]}`);
  return times;
}
