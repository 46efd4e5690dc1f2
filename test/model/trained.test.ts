import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { ENCODER_FILES, trainedFiles } from '../../src/model/trained.ts';
import { directorySource, nodeSha256 } from '../../src/platform/node-files.ts';
import { encoderReference } from '../../src/platform/node-models.ts';
import { headOf } from '../fixtures/head-of.ts';
import { binaries } from '../fixtures/kernels.ts';
import { type Files, tinyModel, tinyOwnModel, utf8, writeFiles } from '../fixtures/tiny-model.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
});
afterEach(() => rm(directory, { recursive: true }));

const encoder = await tinyOwnModel('none');
const base = await loadConfig(bytesSource('encoder', encoder));
const head = headOf(base);

async function logits(path: string): Promise<Float32Array> {
  const source = directorySource(path);
  return (await Model.load(source, await loadConfig(source), binaries)).logits([[2, 5, 3]]);
}

async function save(name: string, reference: string | undefined, more: Files = {}): Promise<string> {
  const path = join(directory, name);
  await writeFiles(path, { ...more, ...trainedFiles(base, head, nodeSha256, reference) });
  return path;
}

test('a head finds its encoder by the path from its own directory, or has it beside', async () => {
  await writeFiles(join(directory, 'encoder'), encoder);
  const shared = await save('heads/shared', '../../encoder');
  const alone = await save('alone', undefined, Object.fromEntries(ENCODER_FILES.map((name) => [name, encoder[name]])));
  expect(await logits(shared)).toEqual(await logits(alone));
  const config = await loadConfig(directorySource(shared));
  expect(config).toMatchObject({ head: 'sequence', labels: ['x', 'y'], pooling: 'mean', preClassifier: false });
});

test('a head finds its encoder by the name of a package', async () => {
  await writeFiles(join(directory, 'node_modules', 'some-encoder'), {
    ...encoder,
    'package.json': utf8('{ "name": "some-encoder", "exports": { "./*": "./*" } }'),
  });
  expect((await logits(await save('head', 'some-encoder'))).length).toBe(2);
  await expect(logits(await save('other', 'no-such-encoder'))).rejects.toThrow('no-such-encoder: expected a model');
});

test('an encoder that is not the one the head was trained on is refused', async () => {
  await writeFiles(join(directory, 'encoder'), await tinyOwnModel('none', 2));
  await expect(logits(await save('head', '../encoder'))).rejects.toThrow(/encoder\.safetensors: expected SHA-256/);
  await expect(logits(await save('head', '../nowhere'))).rejects.toThrow(
    /nowhere\/encoder\.safetensors: expected as the encoder that \S+\/head\/config\.json names, \.\.\/nowhere, got no such file/,
  );
});

test('an encoder of floats is no base of a trained model', async () => {
  const config = await loadConfig(bytesSource('floats', tinyModel('none')));
  expect(() => trainedFiles(config, head, nodeSha256, undefined)).toThrow('expected a quantised model');
});

test('a manifest names a package by its name, a directory by the way there', async () => {
  await writeFiles(join(directory, 'encoder'), encoder);
  const path = join(directory, 'encoder');
  expect(encoderReference('bertwasm-minilm', undefined, join(directory, 'out'))).toBe('bertwasm-minilm');
  expect(encoderReference(path, undefined, join(directory, 'out'))).toBe('../encoder');
  expect(encoderReference(path, undefined, directory)).toBe('./encoder');
  expect(encoderReference(path, '../other', join(directory, 'deep', 'out'))).toBe('../../other');
  expect(encoderReference(path, 'some-package', directory)).toBe('some-package');
});
