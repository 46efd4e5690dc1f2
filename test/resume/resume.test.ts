import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { random } from '../fixtures/random.ts';
import { outcome, train, trainAndKill, trainingWorkspace } from './training.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-resume-'));
  await trainingWorkspace(directory);
});
afterAll(() => rm(directory, { recursive: true }));

test('a training killed at any moment and resumed leaves what an unbroken one does', async () => {
  await train(directory, 'warm-up');
  const milliseconds = await train(directory, 'unbroken');
  const expected = await outcome(directory, 'unbroken');
  const next = random(7);
  for (const out of ['a', 'b']) {
    await trainAndKill(directory, out, next() * milliseconds);
    // Killed twice: a resumed training is no other than a new one.
    if (out === 'b') await trainAndKill(directory, out, next() * milliseconds, '--resume');
    await train(directory, out, '--resume');
    expect(await outcome(directory, out)).toEqual(expected);
  }
  expect((await readdir(directory)).sort()).toEqual(['a', 'b', 'encoder', 'rows.tsv', 'unbroken', 'warm-up']);
});

test('a training that is to replace a model leaves that as it is when killed', async () => {
  const milliseconds = await train(directory, 'old', '--seed', '1');
  const before = await outcome(directory, 'old');
  const replacing = ['--overwrite', '--seed', '2'];
  const next = random(8);
  for (let i = 0; i < 3; i++) {
    const { finished } = await trainAndKill(directory, 'old', (0.9 * next() * milliseconds) / 2, ...replacing);
    if (finished) break; // on a machine that has become much quicker
    expect(await outcome(directory, 'old')).toEqual(before);
  }
  await train(directory, 'old', ...replacing, '--resume');
  await train(directory, 'other', '--seed', '2');
  expect(await outcome(directory, 'old')).toEqual(await outcome(directory, 'other'));
});
