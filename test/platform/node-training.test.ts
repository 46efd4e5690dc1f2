import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { recoverTarget } from '../../src/platform/node-target.ts';
import { TrainingDirectory } from '../../src/platform/node-training.ts';
import { runUntil } from '../fixtures/kill.ts';
import { json, utf8 } from '../fixtures/tiny-model.ts';

let directory: string;
let out: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
  out = join(directory, 'model');
});
afterEach(() => rm(directory, { recursive: true }));

const NEW = { resume: false, overwrite: false };
const CONFIG = json({ bertwasm: { format: 1, dtype: 'q8', outlier_columns: 0, files: {} } });
const FILES = { 'config.json': CONFIG, 'trainer_state.json': utf8('{}'), 'report.html': utf8('') };
const CHECKPOINT = { 'config.json': utf8('{}'), 'head.safetensors': utf8('h') };

test('the whole takes the place of the target, checkpoints and all', async () => {
  const training = await TrainingDirectory.open(out, NEW);
  await training.checkpoints.save(3, CHECKPOINT);
  expect((await readdir(directory)).sort()).toEqual([
    expect.stringMatching(/^[.]model[.]training-lock-/),
    'model.training',
  ]);
  await training.commit(FILES);
  await training.close();
  expect(await readdir(directory)).toEqual(['model']);
  expect((await readdir(out)).sort()).toEqual(['checkpoint-3', ...Object.keys(FILES)].sort());
});

test('a model is replaced with overwrite, at the end; one with other files in it never', async () => {
  for (const name of ['first', 'second']) {
    const training = await TrainingDirectory.open(out, { ...NEW, overwrite: true });
    await training.checkpoints.save(1, CHECKPOINT);
    await training.commit({ ...FILES, 'report.html': utf8(name) });
  }
  expect(await readdir(directory)).toEqual(['model']);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toBe('second');
  await expect(TrainingDirectory.open(out, NEW)).rejects.toThrow(UsageError);
  await writeFile(join(out, 'checkpoint-1', 'notes.txt'), 'mine');
  await expect(TrainingDirectory.open(out, { ...NEW, overwrite: true })).rejects.toThrow(
    new UsageError(
      `${out}/checkpoint-1/notes.txt: expected nothing but the model's files where it is overwritten, got another`,
    ),
  );
  expect(await readdir(directory)).toEqual(['model']);
});

test('what is unfinished is gone on with, begun anew, or refused', async () => {
  const begin = async () => {
    const training = await TrainingDirectory.open(out, { ...NEW, overwrite: true });
    await training.checkpoints.save(7, CHECKPOINT);
    await training.close();
  };
  await begin();
  await expect(TrainingDirectory.open(out, NEW)).rejects.toThrow(
    new UsageError(
      `${out}.training: expected no unfinished training, got one of 7 steps (--resume goes on with it, --overwrite starts anew)`,
    ),
  );
  const resumed = await TrainingDirectory.open(out, { ...NEW, resume: true });
  expect(await resumed.checkpoints.list()).toEqual([7]);
  await resumed.close();
  // Begun anew it counts no more, but is kept until there is something in its place.
  const broken = await TrainingDirectory.open(out, { ...NEW, overwrite: true });
  expect(await broken.checkpoints.list()).toEqual([]);
  await broken.close();
  expect(await readdir(`${out}.training`)).toEqual(['checkpoint-7']);
  const anew = await TrainingDirectory.open(out, { ...NEW, overwrite: true });
  await anew.checkpoints.save(2, CHECKPOINT);
  expect(await anew.checkpoints.list()).toEqual([2]);
  await anew.checkpoints.remove(2);
  await anew.close();
  // Where there is no checkpoint, there is nothing to keep.
  expect(await readdir(directory)).toEqual([]);
});

test('what is not of a training is neither removed nor made part of a model', async () => {
  const training = `${out}.training`;
  const refused = async (path: string) => {
    for (const options of [NEW, { ...NEW, overwrite: true }, { ...NEW, resume: true }]) {
      await expect(TrainingDirectory.open(out, options)).rejects.toThrow(UsageError);
      await expect(TrainingDirectory.open(out, options)).rejects.toThrow(`${training}${path}: expected `);
    }
  };
  for (const path of [
    '/notes.txt',
    '/checkpoint-7/notes.txt',
    '/.checkpoint-7-0123abcd/notes.txt',
    '/photos/one.jpg',
  ]) {
    await mkdir(dirname(join(training, path)), { recursive: true });
    await writeFile(join(training, path), 'mine');
    await refused(dirname(path) === '/photos' ? '/photos' : path);
    expect(await readFile(join(training, path), 'utf8')).toBe('mine');
    await rm(training, { recursive: true });
  }
  await mkdir(join(directory, 'others'));
  await symlink(join(directory, 'others'), training);
  await refused('');
  await rm(training);
  await writeFile(training, 'mine');
  await refused('');
});

test('the model of a broken commit is no part of the next, which may be of another kind', async () => {
  for (const name of ['model.safetensors', 'README.md', 'q8/config.json', 'q8/encoder.safetensors']) {
    await mkdir(dirname(join(`${out}.training`, name)), { recursive: true });
    await writeFile(join(`${out}.training`, name), 'old');
  }
  const training = await TrainingDirectory.open(out, NEW);
  await training.checkpoints.save(3, CHECKPOINT);
  await training.commit(FILES);
  expect((await readdir(out)).sort()).toEqual(['checkpoint-3', ...Object.keys(FILES)].sort());
});

test('what is committed is closed already: the directory may be of another by then', async () => {
  const first = await TrainingDirectory.open(out, NEW);
  await first.commit(FILES);
  const second = await TrainingDirectory.open(out, { ...NEW, overwrite: true });
  await first.close();
  await second.checkpoints.save(1, CHECKPOINT);
  expect(await second.checkpoints.list()).toEqual([1]);
  await second.close();
});

test('one process at a time has it; a killed one has not', async () => {
  const module = fileURLToPath(new URL('../../src/platform/node-training.ts', import.meta.url));
  const script = `
    import { TrainingDirectory } from ${JSON.stringify(module)};
    await TrainingDirectory.open(${JSON.stringify(out)}, { resume: true, overwrite: false });
    process.stdout.write('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  await once(child.stdout, 'data');
  await expect(TrainingDirectory.open(out, { ...NEW, resume: true })).rejects.toThrow(
    new DataError(`${out}.training: expected no other training of it, got one in process ${child.pid}`),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await TrainingDirectory.open(out, NEW)).close();

  // The number of a process that lives, but is another one.
  await writeFile(join(directory, `.model.training-lock-${process.pid}-1`), '');
  const training = await TrainingDirectory.open(out, NEW);
  await expect(TrainingDirectory.open(out, NEW)).rejects.toThrow(`got one in process ${process.pid}`);
  const locks = (await readdir(directory)).filter((name) => name.includes('lock'));
  expect(locks).toEqual([expect.stringMatching(`[.]model[.]training-lock-${process.pid}-[0-9]{2,}`)]);
  await training.close();
  expect(await readdir(directory)).toEqual([]);
});

test('of processes that find the lock of a killed one at the same moment, one at most has it', async () => {
  const module = fileURLToPath(new URL('../../src/platform/node-training.ts', import.meta.url));
  const start = Date.now() + 1500;
  const script = `
    import { TrainingDirectory } from ${JSON.stringify(module)};
    while (Date.now() < ${start});
    await TrainingDirectory.open(${JSON.stringify(out)}, { resume: true, overwrite: false });
    process.stdout.write('open');
    setTimeout(() => process.exit(), 1000);`;
  await writeFile(join(directory, `.model.training-lock-${process.pid}-1`), '');
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', script]));
  const told = await Promise.all(
    children.map(async (child) => {
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk) => chunks.push(chunk));
      await once(child, 'close');
      return Buffer.concat(chunks).toString();
    }),
  );
  expect(told.filter((text) => text === 'open').length).toBeLessThanOrEqual(1);
});

test.each([
  ['between its renames', 'rename [.]training$'],
  ['ahead of the end of the old one', 'unlink report[.]html$'],
])('a replacement killed %s is finished', async (_, call) => {
  const first = await TrainingDirectory.open(out, NEW);
  await first.commit({ ...FILES, 'report.html': utf8('first') });
  const files = Object.entries({ ...FILES, 'report.html': utf8('second') }).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString(),
  ]);
  await runUntil(
    call,
    'platform/node-training.ts',
    'TrainingDirectory',
    `const training = await TrainingDirectory.open(${JSON.stringify(out)}, { resume: false, overwrite: true });
    await training.checkpoints.save(5, { 'config.json': Buffer.from('{}') });
    const files = ${JSON.stringify(files)}.map(([name, text]) => [name, Buffer.from(text)]);
    await training.commit(Object.fromEntries(files));`,
  );
  await recoverTarget(out);
  expect(await readdir(directory)).toEqual(['model']);
  expect(await readFile(join(out, 'report.html'), 'utf8')).toBe('second');
  expect((await readdir(out)).sort()).toEqual(['checkpoint-5', ...Object.keys(FILES)].sort());
});

test('no other process comes in while a training ends', async () => {
  const module = fileURLToPath(new URL('../../src/platform/node-training.ts', import.meta.url));
  const script = `
    import { TrainingDirectory } from ${JSON.stringify(module)};
    process.stdout.write('ready');
    for (let opened = 0; opened < 2000; opened++) {
      try {
        await TrainingDirectory.open(${JSON.stringify(out)}, { resume: true, overwrite: false });
        process.stdout.write('in');
        process.exit();
      } catch (error) {
        if (/does not exist yet/.test(error.message)) process.exit();
      }
    }`;
  for (let round = 0; round < 5; round++) {
    const training = await TrainingDirectory.open(out, NEW);
    await training.checkpoints.save(1, CHECKPOINT);
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    await once(child.stdout, 'data');
    await training.commit(FILES);
    await once(child, 'close');
    expect(Buffer.concat(chunks).toString()).toBe('ready');
    expect((await readdir(out)).sort()).toEqual(['checkpoint-1', ...Object.keys(FILES)].sort());
    expect(await readdir(directory)).toEqual(['model']);
    await rm(out, { recursive: true });
  }
});
