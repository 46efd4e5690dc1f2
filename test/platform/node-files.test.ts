import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { directorySource } from '../../src/platform/node-files.ts';
import { tinyModel, tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';
import { readModel } from '../model/helpers.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
});
afterEach(() => rm(directory, { recursive: true }));

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
