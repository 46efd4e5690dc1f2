import { type Comparison, type Contestant, compare, type Rounds } from './pairs.ts';
import type { Peer } from './peers/peer.ts';

/** The names under which contestants run, and which a row compares. */
export const ORT = 'onnxruntime-web';
export const BASE = 'base';
export const BASE_AGAIN = 'base, loaded twice';
export const RELAXED = 'relaxed';

/** A ratio to reach, or the most bertwasm may take in the row's unit. */
export type Goal = { ratio: number } | { most: number };

export interface Row {
  scenario: string;
  /** Which build of bertwasm ran. */
  build: string;
  unit: 'ms' | 'MB';
  goal?: Goal;
  /** Against onnxruntime-web; an A/A row is bertwasm against itself. Absent where the build does not run here; `note` says why. */
  result?: Comparison;
  /** Share of right labels, where the scenario has labels. */
  accuracy?: { baseline: number; bertwasm: number };
  note?: string;
}

export interface Contenders {
  ort: Peer;
  base: Peer;
  baseAgain: Peer;
  /** Absent where the probe refuses it. */
  relaxed?: Peer;
}

export function contestants(
  { ort, base, baseAgain, relaxed }: Contenders,
  run: (peer: Peer, name: string, step: number) => Promise<unknown> | unknown,
): Contestant[] {
  const peers: [string, Peer | undefined][] = [
    [ORT, ort],
    [BASE, base],
    [RELAXED, relaxed],
    [BASE_AGAIN, baseAgain],
  ];
  return peers.flatMap(([name, peer]) => (peer ? [{ name, run: (step: number) => run(peer, name, step) }] : []));
}

/** One row a build, then the A/A row: what a ratio of 1 looks like in this run. */
export function rows(
  scenario: string,
  rounds: Rounds,
  goals: { base?: Goal; relaxed?: Goal },
  unit: Row['unit'] = 'ms',
): Row[] {
  const relaxed: Row = rounds.has(RELAXED)
    ? { scenario, build: RELAXED, unit, goal: goals.relaxed, result: compare(rounds, ORT, RELAXED) }
    : { scenario, build: RELAXED, unit, goal: goals.relaxed, note: 'not exact on this CPU, so never used on it' };
  return [
    { scenario, build: BASE, unit, goal: goals.base, result: compare(rounds, ORT, BASE) },
    relaxed,
    { scenario, build: 'A/A: base, base', unit, result: compare(rounds, BASE_AGAIN, BASE) },
  ];
}
