import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { directorySource } from '../../src/platform/node-files.ts';
import { type Files, tinyModel, tinyOwnModel, tinyShardedModel, writeFiles } from '../fixtures/tiny-model.ts';
import { errorOf, readModel } from '../model/helpers.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** The files of `directory` that this process has open. */
async function openFiles(): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((path) => path.startsWith(directory));
}

/** Damage to a file that has a header of safetensors, each found at another place of the reading. */
const DAMAGE: ((bytes: Uint8Array) => Uint8Array)[] = [
  (bytes) => bytes.subarray(0, 4),
  (bytes) => bytes.with(8, 0x5b),
  (bytes) => bytes.with(20, 0),
  (bytes) => bytes.subarray(0, bytes.length - 1),
  (bytes) => bytes.with(bytes.length - 1, 0x7f).with(bytes.length - 2, 0xff),
];

test.runIf(process.platform === 'linux')('broken models leave no file open', async () => {
  const models: [Files, string][] = [
    [tinyModel(), 'model.safetensors'],
    [tinyShardedModel(), 'model-1.safetensors'],
    [await tinyOwnModel(), 'encoder.safetensors'],
    [await tinyOwnModel(), 'head.safetensors'],
  ];
  for (const [m, [files, file]] of models.entries()) {
    for (const [d, damage] of DAMAGE.entries()) {
      const path = join(directory, `${m}-${d}`);
      await writeFiles(path, { ...files, [file]: damage(files[file]) });
      await errorOf(() => readModel(directorySource(path)));
      expect(await openFiles(), `${file}, damage ${d}`).toEqual([]);
    }
  }
});
