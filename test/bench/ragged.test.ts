import { expect, test } from 'vitest';
import type { Field } from '../../bench/peers/field.ts';
import { BASE, ORT_WEB } from '../../bench/peers/names.ts';
import type { Batch, Peer } from '../../bench/peers/peer.ts';
import { ragged } from '../../bench/scenarios/ragged.ts';

/** A peer whose answers take what `cost` says; it finds label 1 where the first id is above 100. */
function peer(cost: (lengths: number[]) => number) {
  const spent = { cpu: 0, wall: 0 };
  const seen: number[] = [];
  const logits = async (batch: Batch) => {
    seen.push(batch.length);
    spent.cpu += cost(batch.map((ids) => ids.length));
    return batch.flatMap((ids) => [0, Number(ids[0]) - 100]);
  };
  return { peer: { spent, logits } as unknown as Peer, seen };
}
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const examples = Array.from({ length: 128 }, (_, i) => ({
  ids: new Int32Array(1 + ((i * 37) % 128)).fill(i % 2 === 0 ? 99 : 101),
  label: i % 4 === 0 ? 1 : i % 2,
}));

test('who pads gets the batch that costs it least, bertwasm a slice; times are those of a text', async () => {
  const padder = peer((lengths) => 100 + lengths.length * Math.max(...lengths));
  const own = peer((lengths) => sum(lengths));
  const field: Field = {
    peers: new Map([
      [ORT_WEB, padder.peer],
      [BASE, own.peer],
    ]),
    absent: new Map(),
  };
  const { rounds, batches, accuracy } = await ragged(field, 'cpu', examples, 2);
  // The last slice, 97 to 128 tokens, costs 4196 at once, 4040 in two batches, 4112 in four.
  expect(batches).toEqual({ [ORT_WEB]: 16 });
  expect(padder.seen.slice(-16).every((size) => size === 16)).toBe(true);
  expect(own.seen.slice(-8)).toEqual(Array(8).fill(32));
  const mean = sum(examples.map(({ ids }) => ids.length)) / examples.length;
  expect(rounds.get(BASE)).toEqual([mean, mean]);
  expect(accuracy[BASE]).toBe(0.75);
});
