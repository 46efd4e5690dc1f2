import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directorySource } from '../../src/platform/node-files.ts';
import { tinyModel, writeFiles } from '../fixtures/tiny-model.ts';
import { type Attack, classify } from './attack.ts';

/** A model's directory on disk, its model.safetensors replaced by something hostile at that path. */
function directory(name: string, make: (weights: string, outside: string) => Promise<unknown>, error: RegExp): Attack {
  const run = async () => {
    const root = await mkdtemp(join(tmpdir(), 'bertwasm-attack-'));
    try {
      const path = join(root, 'model');
      await writeFiles(path, tinyModel());
      await writeFile(join(root, 'outside.safetensors'), tinyModel()['model.safetensors']);
      const weights = join(path, 'model.safetensors');
      await unlink(weights);
      await make(weights, join(root, 'outside.safetensors'));
      return await classify(directorySource(path));
    } finally {
      await rm(root, { recursive: true });
    }
  };
  return { name, run, expected: error };
}

export const DIRECTORIES: Attack[] = [
  directory('a link out of the directory', (weights, outside) => symlink(outside, weights), /got a link out of it/),
  directory('a link to an endless device', (weights) => symlink('/dev/zero', weights), /got a link out of it/),
  directory('a link to itself', (weights) => symlink(weights, weights), /expected a readable file, got ELOOP/),
  directory('a link to nothing', (weights) => symlink('none', weights), /model.safetensors.index.json, got neither/),
  directory('a directory for a file', (weights) => mkdir(weights), /expected a file, got something else/),
  directory(
    'a pipe that nobody writes to',
    async (weights) => execFileSync('mkfifo', [weights]),
    /expected a file, got something else/,
  ),
];
