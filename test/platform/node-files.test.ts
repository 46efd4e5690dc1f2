import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { directorySource, directoryWriter } from '../../src/platform/node-files.ts';
import { tinyModel, tinyOwnModel, utf8, writeFiles } from '../fixtures/tiny-model.ts';
import { readModel } from '../model/helpers.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function write(target: string, overwrite: boolean, files: Record<string, string>): Promise<void> {
  const writer = await directoryWriter(target, overwrite);
  for (const [name, text] of Object.entries(files)) {
    const file = await writer.file(name);
    for (const letter of text) await file.write(utf8(letter));
    await file.close();
  }
  await writer.commit();
}

test('a model in a directory reads as in memory', async () => {
  for (const files of [tinyModel(), await tinyOwnModel()]) {
    const path = join(directory, String(Object.keys(files).length));
    await writeFiles(path, files);
    expect(await readModel(directorySource(path))).toEqual(await readModel(files));
  }
});

test('a snapshot in the cache of Hugging Face reads through its links', async () => {
  const [blobs, snapshot] = [join(directory, 'blobs'), join(directory, 'snapshots', '0f3c')];
  const files = tinyModel();
  await writeFiles(blobs, files);
  await mkdir(snapshot, { recursive: true });
  for (const name of Object.keys(files)) await symlink(join('..', '..', 'blobs', name), join(snapshot, name));
  expect(await readModel(directorySource(snapshot))).toEqual(await readModel(files));
});

test('a missing file is undefined, a missing directory too', async () => {
  expect(await directorySource(directory).open('config.json')).toBeUndefined();
  expect(await directorySource(join(directory, 'none')).open('config.json')).toBeUndefined();
});

test('a directory appears whole, with parents', async () => {
  const target = join(directory, 'a', 'b');
  await write(target, false, { 'config.json': '{}', x: 'abc' });
  expect(await readFile(join(target, 'x'), 'utf8')).toBe('abc');
  expect(await readdir(join(directory, 'a'))).toEqual(['b']);
});

test('an aborted directory leaves nothing', async () => {
  const writer = await directoryWriter(join(directory, 'model'));
  const file = await writer.file('x');
  await file.write(utf8('abc'));
  await writer.abort();
  expect(await readdir(directory)).toEqual([]);
});

test('an existing target is refused, or replaced whole with overwrite', async () => {
  const target = join(directory, 'model');
  await write(target, false, { 'config.json': manifest('old'), old: '' });
  await expect(directoryWriter(target)).rejects.toThrow(UsageError);
  await write(target, true, { 'config.json': '{}', new: '' });
  expect((await readdir(target)).sort()).toEqual(['config.json', 'new']);
  expect(await readdir(directory)).toEqual(['model']);
});

/** A config.json in our own form that lists these files. */
function manifest(...files: string[]): string {
  const entry = { size: 0, sha256: '0'.repeat(64) };
  const listed = Object.fromEntries(files.map((name) => [name, entry]));
  return JSON.stringify({ bertwasm: { format: 1, dtype: 'q8', outlier_columns: 0, files: listed } });
}

test('overwrite removes no file that the manifest does not list', async () => {
  const target = join(directory, 'model');
  await write(target, false, { 'config.json': manifest('a'), a: '', 'notes.txt': 'mine' });
  await expect(directoryWriter(target, true)).rejects.toThrow(
    new UsageError(
      `${join(target, 'notes.txt')}: expected nothing but the model's files where it is overwritten, got another`,
    ),
  );
  await rm(join(target, 'notes.txt'));
  await mkdir(join(target, 'sub'));
  await expect(directoryWriter(target, true)).rejects.toThrow(`${join(target, 'sub')}: expected nothing but`);
  await rm(join(target, 'sub'), { recursive: true });

  // A file that comes between the check and the end is kept, too.
  const writer = await directoryWriter(target, true);
  await writeFile(join(target, 'notes.txt'), 'mine');
  await expect(writer.commit()).rejects.toThrow(/-old: expected the files of the old model alone, got ENOTEMPTY/);
  const [old] = (await readdir(directory)).filter((name) => name.endsWith('-old'));
  expect(await readdir(join(directory, old))).toEqual(['notes.txt']);
});

test('a failing file system is told on one line, and nothing is left', async () => {
  const fault = (target: string, code: string) =>
    new DataError(`${target}: expected a directory that can be written, got ${code}`);
  await writeFile(join(directory, 'file'), '');
  const below = join(directory, 'file', 'model');
  await expect(directoryWriter(below)).rejects.toThrow(fault(below, 'ENOTDIR'));
  const long = join(directory, 'x'.repeat(250));
  await expect(directoryWriter(long)).rejects.toThrow(fault(long, 'ENAMETOOLONG'));

  const target = join(directory, 'model');
  const writer = await directoryWriter(target);
  await mkdir(target);
  await writeFile(join(target, 'theirs'), '');
  await expect(writer.commit()).rejects.toThrow(fault(target, 'ENOTEMPTY'));
  await writer.abort();
  expect((await readdir(directory)).sort()).toEqual(['file', 'model']);

  const gone = await directoryWriter(join(directory, 'gone'));
  for (const name of await readdir(directory)) {
    if (name.startsWith('.')) await rm(join(directory, name), { recursive: true });
  }
  await expect(gone.file('x')).rejects.toThrow(fault(join(directory, 'gone'), 'ENOENT'));
  await gone.abort();
  expect((await readdir(directory)).sort()).toEqual(['file', 'model']);
});

test('overwrite replaces nothing but a model', async () => {
  const home = join(directory, 'home');
  await mkdir(join(home, 'documents'), { recursive: true });
  await writeFile(join(home, 'config.json'), '{}');
  await writeFile(join(directory, 'file'), '');
  await mkdir(join(directory, 'empty'));
  await write(join(directory, 'model'), false, { 'config.json': manifest() });
  await symlink('model', join(directory, 'link'));
  for (const name of ['home', 'file', 'empty', 'link', 'link/']) {
    await expect(directoryWriter(`${directory}/${name}`, true)).rejects.toThrow(
      `${name}: expected a quantised model to overwrite, got something else`,
    );
  }
  expect(await readdir(directory)).toEqual(['empty', 'file', 'home', 'link', 'model']);
});

test('a process killed at any time leaves the target absent or whole', async () => {
  const module = fileURLToPath(new URL('../../src/platform/node-files.ts', import.meta.url));
  const script = `
    import { directoryWriter } from ${JSON.stringify(module)};
    for (let i = 0; ; i++) {
      const writer = await directoryWriter(${JSON.stringify(directory)} + '/model-' + i);
      for (const name of ['a', 'b']) {
        const file = await writer.file(name);
        for (let piece = 0; piece < 8; piece++) await file.write(new Uint8Array(10_000).fill(7));
        await file.close();
      }
      await writer.commit();
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  while (child.exitCode === null && !(await readdir(directory)).includes('model-3')) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill('SIGKILL');
  await ended;
  const whole = (await readdir(directory)).filter((name) => !name.startsWith('.'));
  expect(whole.length).toBeGreaterThan(3);
  for (const name of whole) {
    for (const file of ['a', 'b']) expect((await readFile(join(directory, name, file))).length).toBe(80_000);
  }
});
