import type { Rounds } from '../pairs.ts';
import type { Field } from '../peers/field.ts';
import { isOwn } from '../peers/names.ts';
import type { Peer } from '../peers/peer.ts';
import type { Example } from './examples.ts';
import { race } from './race.ts';

/** Texts of neighbouring length that are one step of a pass; every batch size divides it. */
const SLICE = 32;
const BATCHES = [1, 8, 16, 32];

export interface Pass {
  /** Milliseconds of a text, by round. */
  rounds: Rounds;
  /** Texts of a batch, of those that pad. */
  batches: Record<string, number>;
  /** Share of right labels. */
  accuracy: Record<string, number>;
}

/**
 * Passes over all examples, sorted by length. Peers pad, so each gets the batch size that takes the least time in a first pass
 * over every fourth slice; bertwasm, which does not, gets a slice at once.
 */
export async function ragged(
  field: Field,
  time: 'cpu' | 'wall',
  examples: readonly Example[],
  rounds: number,
): Promise<Pass> {
  const sorted = [...examples].sort((a, b) => a.ids.length - b.ids.length);
  const slices = Array.from({ length: Math.ceil(sorted.length / SLICE) }, (_, s) =>
    sorted.slice(s * SLICE, (s + 1) * SLICE),
  );
  const some = slices.filter((_, s) => s % 4 === 3 || s === slices.length - 1);
  const batches: Record<string, number> = {};
  for (const [name, peer] of field.peers) {
    await classify(peer, some[0], 8); // V8's optimising compiler is done after this
    if (!isOwn(name)) batches[name] = await bestBatch(peer, time, some);
  }
  const right = new Map<string, number>();
  const options = { rounds, warmup: 0, steps: slices.length };
  const times = await race(field, time, options, async (peer, name, step) => {
    const count = await classify(peer, slices[step], batches[name] ?? SLICE);
    right.set(name, (right.get(name) ?? 0) + count);
  });
  const share = (count: number) => count / rounds / examples.length;
  return {
    rounds: new Map(Array.from(times, ([name, values]) => [name, values.map((ms) => ms / examples.length)])),
    batches,
    accuracy: Object.fromEntries(Array.from(right, ([name, count]) => [name, share(count)])),
  };
}

async function bestBatch(peer: Peer, time: 'cpu' | 'wall', slices: readonly Example[][]): Promise<number> {
  let best = { size: 1, ms: Number.POSITIVE_INFINITY };
  for (const size of BATCHES) {
    const begin = peer.spent[time];
    for (const slice of slices) await classify(peer, slice, size);
    const ms = peer.spent[time] - begin;
    if (ms < best.ms) best = { size, ms };
  }
  return best.size;
}

/** How many of the examples get their label. */
async function classify(peer: Peer, examples: readonly Example[], batch: number): Promise<number> {
  let right = 0;
  for (let start = 0; start < examples.length; start += batch) {
    const part = examples.slice(start, start + batch);
    const logits = await peer.logits(part.map(({ ids }) => ids));
    for (const [i, { label }] of part.entries()) {
      if (Number(logits[2 * i + 1] > logits[2 * i]) === label) right++;
    }
  }
  return right;
}
