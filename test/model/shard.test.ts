import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { loadConfig } from '../../src/model/config.ts';
import { writeShards } from '../../src/model/shard.ts';
import type { ModelSource } from '../../src/model/source.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { ENCODER_FILES, trainedFiles } from '../../src/model/trained.ts';
import { verifiedSource } from '../../src/model/verified.ts';
import { directorySource, nodeSha256 } from '../../src/platform/node-files.ts';
import { directoryWriter } from '../../src/platform/node-target.ts';
import { headOf } from '../fixtures/head-of.ts';
import { type Files, tinyModel, tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';
import { errorOf, readModel } from './helpers.ts';

const directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
afterAll(() => rm(directory, { recursive: true }));

const own = await tinyOwnModel();
const MAX = 10_000;

async function shard(source: ModelSource | Files, name: string, max = MAX): Promise<string> {
  const from =
    typeof source.open === 'function'
      ? (source as ModelSource)
      : verifiedSource(bytesSource('own', source as Files), nodeSha256);
  const out = join(directory, name);
  await writeShards(await directoryWriter(out), from, await loadConfig(from), max);
  return out;
}

test('no file is over the limit, and the model is the same; cut anew or put together too', async () => {
  const out = await shard(own, 'shards');
  const names = (await readdir(out)).sort();
  expect(names).toContain('encoder.safetensors.part2');
  expect(names).not.toContain('encoder.safetensors');
  for (const name of names) expect((await stat(join(out, name))).size).toBeLessThanOrEqual(MAX);
  const parts = names.filter((name) => name.startsWith('encoder.'));
  const whole = Buffer.concat(await Promise.all(parts.map((name) => readFile(join(out, name)))));
  expect(whole.equals(own['encoder.safetensors'])).toBe(true);

  const expected = await readModel(own);
  expect(await readModel(directorySource(out))).toEqual(expected);
  expect(await readModel(directorySource(await shard(directorySource(out), 'finer', 3000)))).toEqual(expected);
  const together = await shard(directorySource(out), 'together', 1e9);
  for (const [name, bytes] of Object.entries(own)) {
    if (name !== 'config.json') expect((await readFile(join(together, name))).equals(bytes)).toBe(true);
  }
  expect(await readModel(directorySource(together))).toEqual(expected);
});

test('a head trained on either encoder fits both', async () => {
  const base = await tinyOwnModel('none');
  const cut = await shard(base, 'base');
  const config = await loadConfig(directorySource(cut));
  const head = headOf(config);
  await mkdir(join(directory, 'named'));
  await writeFiles(join(directory, 'named'), trainedFiles(config, head, nodeSha256, '../base'));
  const named = await readModel(directorySource(join(directory, 'named')));
  expect(named.get('classifier.bias')?.length).toBe(8);

  // A copy of the encoder is whole.
  const encoder = Object.fromEntries(ENCODER_FILES.map((name) => [name, base[name]]));
  expect(
    await readModel(bytesSource('own', { ...encoder, ...trainedFiles(config, head, nodeSha256, undefined) })),
  ).toEqual(named);
  // Cut, the model that named its encoder stands alone.
  const alone = await shard(directorySource(join(directory, 'named')), 'alone');
  await rm(cut, { recursive: true });
  expect(await readModel(directorySource(alone))).toEqual(named);
});

test('leaves nothing of a model that is damaged, or of floats', async () => {
  const weights = own['encoder.safetensors'].slice();
  weights[weights.length - 1] ^= 1;
  expect(await errorOf(() => shard({ ...own, 'encoder.safetensors': weights }, 'none'))).toBeInstanceOf(DataError);
  expect(await errorOf(() => shard(tinyModel(), 'none'))).toEqual(
    new UsageError('own: expected a quantised model, got a float checkpoint'),
  );
  expect((await readdir(directory)).filter((name) => name.includes('none'))).toEqual([]);
});
