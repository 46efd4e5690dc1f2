import { models } from '../files.ts';
import { interleave, threadTime } from '../pairs.ts';
import { close, open } from '../peers/field.ts';
import { BASE, RELAXED } from '../peers/names.ts';
import type { Peer } from '../peers/peer.ts';
import { ceilings } from '../roofline/ceilings.ts';
import { macsOf } from '../roofline/macs.ts';
import { median } from '../statistics.ts';
import { sequence } from './sequence.ts';

/** How fast a pass is, of `sequences` that have `tokens` together. */
export interface Point {
  sequences: number;
  tokens: number;
  gmacs: number;
}

/** Speed of DistilBERT-base over the tokens of a pass, and the two limits measured beside it. */
export interface Roofline {
  build: 'base' | 'relaxed';
  /** GMAC/s of the dot product on registers. */
  ceiling: number;
  /** GB/s of reading memory. */
  bandwidth: number;
  /** One sequence of each length. */
  lengths: Point[];
  /** Batches of sequences of 8 tokens. */
  batches: Point[];
}

const LENGTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const BATCHES = [2, 4, 8, 16, 32, 64];
const SHORT = 8;

export async function roofline(quick: boolean): Promise<Roofline> {
  const field = await open([BASE, RELAXED], models.base);
  const build = field.peers.has(RELAXED) ? 'relaxed' : 'base';
  const peer = field.peers.get(build === 'relaxed' ? RELAXED : BASE) as Peer;
  const limits = await ceilings(build);
  const shapes = [
    ...LENGTHS.map((T) => ({ sequences: 1, T })),
    ...BATCHES.map((sequences) => ({ sequences, T: SHORT })),
  ];
  const name = ({ sequences, T }: { sequences: number; T: number }) => `${sequences} x ${T}`;
  const times = await interleave(
    [
      { name: 'dot', run: limits.dot },
      { name: 'read', run: limits.read },
      ...shapes.map((shape) => {
        const batch = Array.from({ length: shape.sequences }, () => sequence(shape.T));
        return { name: name(shape), run: () => peer.logits(batch) };
      }),
    ],
    // The limits are measured on this thread, which waits while the peer computes.
    { rounds: quick ? 2 : 11, warmup: 1, clock: () => threadTime() + peer.spent.cpu },
  );
  await close(field);
  const perMs = (key: string, amount: number) => amount / median(times.get(key) as number[]) / 1e6;
  const point = (shape: { sequences: number; T: number }): Point => ({
    sequences: shape.sequences,
    tokens: shape.sequences * shape.T,
    gmacs: perMs(name(shape), macsOf(shape.sequences, shape.T)),
  });
  return {
    build,
    ceiling: perMs('dot', limits.macs),
    bandwidth: perMs('read', limits.bytes),
    lengths: shapes.slice(0, LENGTHS.length).map(point),
    batches: shapes.slice(LENGTHS.length).map(point),
  };
}
