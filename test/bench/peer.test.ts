import { expect, test } from 'vitest';
import { AbsentError, Peer } from '../../bench/peers/peer.ts';

/** A program that answers the first line by `answer`, an expression on it, and ends after it. */
const program = (answer: string) =>
  new Peer(process.execPath, [
    '-e',
    `require('readline').createInterface(process.stdin).once('line', (line) => {
      console.log(JSON.stringify(${answer}));
      process.exit();
    })`,
  ]);

test('a batch goes out as ids or texts, and what its answer took is added up', async () => {
  const peer = program('{ logits: JSON.parse(line).map((sequence) => sequence.length), cpu: 3, wall: 5 }');
  expect(await peer.logits([Int32Array.of(101, 102), [101], 'text'])).toEqual([2, 1, 4]);
  expect(peer.spent).toEqual({ cpu: 3, wall: 5 });
  await expect(peer.logits([[101]])).rejects.toThrow('expected an answer, got the end of the process');
});

test('an engine that can not be had says so', async () => {
  const answer = program('{ absent: "no such build" }').logits([[101]]);
  await expect(answer).rejects.toThrow(new AbsentError('no such build'));
});

test('closing waits for the end of the process', async () => {
  const peer = program('{ logits: [], cpu: 0, wall: 0 }');
  await peer.close();
  await expect(peer.logits([[101]])).rejects.toThrow('got the end of the process');
});
