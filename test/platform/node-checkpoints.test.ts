import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { DirectoryCheckpoints } from '../../src/platform/node-checkpoints.ts';
import { utf8 } from '../fixtures/tiny-model.ts';
import { errorOf } from '../model/helpers.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('checkpoints are listed by step, read back, replaced and removed', async () => {
  const checkpoints = await DirectoryCheckpoints.open(join(directory, 'run'));
  expect(await checkpoints.list()).toEqual([]);
  for (const step of [10, 9, 100]) await checkpoints.save(step, { a: utf8(`${step}`), b: new Uint8Array(0) });
  expect(await checkpoints.list()).toEqual([9, 10, 100]);
  expect(await checkpoints.load(10)).toEqual({ a: utf8('10'), b: new Uint8Array(0) });
  await checkpoints.save(10, { c: utf8('new') });
  expect(await checkpoints.load(10)).toEqual({ c: utf8('new') });
  await checkpoints.remove(9);
  await checkpoints.remove(9);
  expect((await readdir(join(directory, 'run'))).sort()).toEqual(['checkpoint-10', 'checkpoint-100']);
});

test('halves of checkpoints and other things are none; the halves go', async () => {
  const run = join(directory, 'run');
  for (const name of ['.checkpoint-5-0123abcd', 'checkpoint-05', 'checkpoint-x', 'other']) {
    await mkdir(join(run, name), { recursive: true });
    await writeFile(join(run, name, 'a'), 'a');
  }
  await writeFile(join(run, 'checkpoint-8'), 'a');
  const checkpoints = await DirectoryCheckpoints.open(run);
  expect(await checkpoints.list()).toEqual([]);
  expect((await readdir(run)).sort()).toEqual(['checkpoint-05', 'checkpoint-8', 'checkpoint-x', 'other']);
});

test('a failing file system is told by the path, and leaves no half', async () => {
  const run = join(directory, 'run');
  const checkpoints = await DirectoryCheckpoints.open(run);
  await checkpoints.save(1, { a: utf8('a') });
  const error = await errorOf(() => checkpoints.save(2, { a: utf8('a'), 'no/such': utf8('b') }));
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toBe(`${run}/checkpoint-2: expected a directory that can be written, got ENOENT`);
  expect(await readdir(run)).toEqual(['checkpoint-1']);
  await expect(checkpoints.load(3)).rejects.toThrow(
    new DataError(`${run}/checkpoint-3: expected a checkpoint, got ENOENT`),
  );
  await rm(run, { recursive: true });
  await expect(checkpoints.list()).rejects.toThrow(
    new DataError(`${run}: expected a directory of checkpoints, got ENOENT`),
  );
  await writeFile(join(directory, 'file'), '');
  await expect(DirectoryCheckpoints.open(join(directory, 'file', 'run'))).rejects.toThrow(
    new DataError(`${directory}/file/run: expected a directory that can be written, got ENOTDIR`),
  );
});

test('those that count no more stay until another is whole', async () => {
  const run = join(directory, 'run');
  const first = await DirectoryCheckpoints.open(run);
  for (const step of [1, 2]) await first.save(step, { a: utf8('old') });
  const anew = await DirectoryCheckpoints.open(run, { anew: true });
  expect(await anew.list()).toEqual([]);
  await errorOf(() => anew.save(2, { 'no/such': utf8('b') }));
  expect(await first.list()).toEqual([1, 2]);
  await anew.save(2, { a: utf8('new') });
  expect(await anew.list()).toEqual([2]);
  expect(await anew.load(2)).toEqual({ a: utf8('new') });
});

test('a damaged checkpoint is told by the file at fault', async () => {
  const run = join(directory, 'run');
  const checkpoints = await DirectoryCheckpoints.open(run);
  const damaged = async (change: () => Promise<void>) => {
    await checkpoints.save(1, { a: utf8('a'), b: utf8('b') });
    await change();
    return (await errorOf(() => checkpoints.load(1))).message.replace(`${run}/checkpoint-1: expected `, '');
  };
  const file = (name: string) => join(run, 'checkpoint-1', name);
  // printf c | sha256sum
  const c = '2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6';
  expect(await damaged(() => writeFile(file('b'), 'c'))).toBe(`the files of SHA256SUMS, got ${c}  b`);
  expect(await damaged(() => writeFile(file('c'), 'c'))).toBe(`the files of SHA256SUMS, got ${c}  c`);
  expect(await damaged(() => rm(file('a')))).toMatch(/^[0-9a-f]{64} {2}a, got no such file$/);
  expect(await damaged(() => rm(file('SHA256SUMS')))).toBe('SHA256SUMS, got no such file');
});

test('a process killed at any time leaves whole checkpoints alone', async () => {
  const module = fileURLToPath(new URL('../../src/platform/node-checkpoints.ts', import.meta.url));
  const script = `
    import { DirectoryCheckpoints } from ${JSON.stringify(module)};
    const checkpoints = await DirectoryCheckpoints.open(${JSON.stringify(directory)});
    for (let step = 1; ; step++) {
      await checkpoints.save(step, { a: new Uint8Array(50_000).fill(7), b: new Uint8Array(50_000).fill(7) });
      if (step > 3) await checkpoints.remove(step - 3);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  while (child.exitCode === null && !(await readdir(directory)).includes('checkpoint-9')) {
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  child.kill('SIGKILL');
  await ended;
  const steps = await (await DirectoryCheckpoints.open(directory)).list();
  expect(steps.length).toBeGreaterThanOrEqual(3);
  for (const step of steps) {
    for (const file of ['a', 'b']) {
      expect(await readFile(join(directory, `checkpoint-${step}`, file))).toEqual(Buffer.alloc(50_000, 7));
    }
  }
});
