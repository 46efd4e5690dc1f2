import { interleave, type Rounds } from '../pairs.ts';
import type { Field } from '../peers/field.ts';
import type { Peer } from '../peers/peer.ts';

/**
 * The peers of a field in turn, as `interleave` has it. While one computes the others wait, so what all have spent together is
 * the clock of each.
 */
export function race(
  { peers }: Field,
  time: 'cpu' | 'wall',
  options: { rounds: number; warmup: number; steps?: number },
  run: (peer: Peer, name: string, step: number) => Promise<unknown>,
): Promise<Rounds> {
  const all = [...peers];
  return interleave(
    all.map(([name, peer]) => ({ name, run: (step) => run(peer, name, step) })),
    { ...options, clock: () => all.reduce((sum, [, { spent }]) => sum + spent[time], 0) },
  );
}
