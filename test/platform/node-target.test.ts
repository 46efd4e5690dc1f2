import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { directoryWriter, recoverTarget } from '../../src/platform/node-target.ts';
import { runUntil } from '../fixtures/kill.ts';
import { utf8 } from '../fixtures/tiny-model.ts';

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
      `${name}: expected a model made by bertwasm to overwrite, got something else`,
    );
  }
  expect(await readdir(directory)).toEqual(['empty', 'file', 'home', 'link', 'model']);
});

test('a process killed at any time leaves the target absent or whole', async () => {
  const module = fileURLToPath(new URL('../../src/platform/node-target.ts', import.meta.url));
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

describe('what a killed process leaves', () => {
  const quantize = (call: string, overwrite: boolean) =>
    runUntil(
      call,
      'platform/node-target.ts',
      'directoryWriter',
      `const writer = await directoryWriter(${JSON.stringify(join(directory, 'model'))}, ${overwrite});
      for (const [name, text] of [['config.json', ${JSON.stringify(manifest('new'))}], ['new', '']]) {
        const file = await writer.file(name);
        await file.write(Buffer.from(text));
        await file.close();
      }
      await writer.commit();`,
    );
  const old = () => write(join(directory, 'model'), false, { 'config.json': manifest('old'), old: '' });
  const recover = async () => {
    await recoverTarget(join(directory, 'model'));
    return { siblings: await readdir(directory), files: await readdir(join(directory, 'model')).catch(() => []) };
  };
  const OLD = ['config.json', 'old'];
  const NEW = ['config.json', 'new'];

  test('half a directory goes', async () => {
    await quantize('open new$', false);
    expect(await readdir(directory)).toEqual([expect.stringMatching(/^[.]model-/)]);
    expect(await recover()).toEqual({ siblings: [], files: [] });
  });

  test('a whole one that replaced nothing yet goes, too', async () => {
    await old();
    await quantize('rename model$', true);
    expect(await readdir(directory)).toHaveLength(2);
    expect(await recover()).toEqual({ siblings: ['model'], files: OLD });
  });

  test('a replacement between its renames is finished', async () => {
    await old();
    await quantize('rename [.]model-[^/]*$', true);
    expect(await readdir(directory)).toEqual([expect.stringMatching(/^[.]model-/), expect.stringMatching(/-old$/)]);
    expect(await recover()).toEqual({ siblings: ['model'], files: NEW });
  });

  test('or undone, where the new directory is no more or no model', async () => {
    for (const damage of ['config.json', '']) {
      await rm(join(directory, 'model'), { recursive: true, force: true });
      await old();
      await quantize('rename [.]model-[^/]*$', true);
      const half = (await readdir(directory)).find((name) => !name.endsWith('-old')) as string;
      await rm(join(directory, half, damage), { recursive: true });
      expect((await recover()).files).toEqual(OLD);
      expect(await recover()).toEqual({ siblings: ['model'], files: OLD }); // half of the new one goes with the next
    }
  });

  test.each(['unlink old$', 'unlink config[.]json$', 'rmdir -old$'])('the old one goes: %s', async (call) => {
    await old();
    await quantize(call, true);
    expect(await readdir(directory)).toHaveLength(2);
    expect(await recover()).toEqual({ siblings: ['model'], files: NEW });
  });

  test("others' files stay, wherever they came", async () => {
    await old();
    await quantize('unlink old$', true);
    const [aside] = await readdir(directory);
    await writeFile(join(directory, aside, 'notes.txt'), 'mine');
    expect(await recover()).toEqual({ siblings: [aside, 'model'], files: NEW });

    await rm(join(directory, aside), { recursive: true });
    await quantize('rename [.]model-[^/]*$', true);
    await mkdir(join(directory, 'model'));
    await writeFile(join(directory, 'model', 'notes.txt'), 'mine');
    const before = await readdir(directory);
    expect(await recover()).toEqual({ siblings: before, files: ['notes.txt'] });
    for (const name of before.slice(0, 2)) expect(await readdir(join(directory, name))).toEqual(NEW);
  });

  test('nothing of a living process or of another target is touched', async () => {
    const writer = await directoryWriter(join(directory, 'model'));
    const others = [
      '.model-1-1-0123456',
      '.model2-1-1-01234567',
      '.model-old',
      '.model-01234567',
      '.model-x-1-01234567',
    ];
    for (const name of others) await mkdir(join(directory, name));
    const before = await readdir(directory);
    expect(await recover()).toEqual({ siblings: before, files: [] });
    await writer.abort();
    expect((await readdir(directory)).sort()).toEqual(others.sort());
  });
});
