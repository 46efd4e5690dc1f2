import { type Comparison, compare, type Rounds } from './pairs.ts';
import { BASE, BASE_AGAIN, ORT_WEB, RELAXED } from './peers/names.ts';
import { median } from './statistics.ts';

/** A ratio to reach, or the most that the candidate may take in the unit of the result. */
export type Goal = { ratio: number } | { most: number };

export interface Ratio {
  baseline: string;
  candidate: string;
  goal?: Goal;
  /** None where one of the two can't be had here. */
  comparison?: Comparison;
}

export interface Result {
  scenario: string;
  unit: 'ms' | 'MB' | 'kB';
  /** Median by contestant. */
  medians: Record<string, number>;
  ratios: Ratio[];
  /** Share of right labels by contestant, where the scenario has labels. */
  accuracy?: Record<string, number>;
  /** Texts of a batch by contestant, where it pads. */
  batches?: Record<string, number>;
}

/** The ratios of a scenario: both builds against onnxruntime-web, base against itself, and what else is asked for. */
export interface Wanted {
  base?: Goal;
  relaxed?: Goal;
  others?: Omit<Ratio, 'comparison'>[];
}

export function resultOf(
  scenario: string,
  rounds: Rounds,
  { base, relaxed, others = [] }: Wanted,
  unit: Result['unit'] = 'ms',
): Result {
  const pairs: Omit<Ratio, 'comparison'>[] = [
    { baseline: ORT_WEB, candidate: BASE, goal: base },
    { baseline: ORT_WEB, candidate: RELAXED, goal: relaxed },
    ...others,
    { baseline: BASE_AGAIN, candidate: BASE },
  ];
  return {
    scenario,
    unit,
    medians: Object.fromEntries(Array.from(rounds, ([name, values]) => [name, median(values)])),
    ratios: pairs.map((pair) => withComparison(pair, rounds)).filter(({ goal, comparison }) => goal ?? comparison),
  };
}

function withComparison(pair: Omit<Ratio, 'comparison'>, rounds: Rounds): Ratio {
  const { baseline, candidate } = pair;
  return rounds.has(baseline) && rounds.has(candidate)
    ? { ...pair, comparison: compare(rounds, baseline, candidate) }
    : pair;
}

/** Whether a goal is met; undefined where there is none, or nothing to hold it against. */
export function met({ goal, comparison }: Ratio): boolean | undefined {
  if (!goal || !comparison) return undefined;
  return 'ratio' in goal ? comparison.speedup >= goal.ratio : comparison.candidate <= goal.most;
}
