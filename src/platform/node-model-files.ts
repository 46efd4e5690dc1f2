import { readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, UsageError } from '../errors.ts';
import type { Manifest } from '../model/config.ts';
import { fileNames } from '../model/sources/parts.ts';
import { ENCODER_FILES } from '../model/trained.ts';
import { readManifest } from '../model/verified.ts';
import { checkpointStep, HEAD_FILE, OPTIMIZER_FILE, STATE_FILE } from '../train/checkpoint-names.ts';
import { directorySource, named } from './node-files.ts';

/** Where a fine-tuned model, which is in Hugging Face's form, has its quantised one. */
export const QUANTIZED = 'q8';

/** What training leaves beside the files of the manifest. */
const TRAINING_FILES = [STATE_FILE, 'report.html'];
const HUGGING_FACE_FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'README.md'];
/** The sums of a checkpoint's files, as `sha256sum -c` reads them. */
export const SUMS_FILE = 'SHA256SUMS';
const CHECKPOINT_FILES = [...HUGGING_FACE_FILES, HEAD_FILE, OPTIMIZER_FILE, STATE_FILE, SUMS_FILE];
/** What a killed process may leave: a checkpoint half written or half removed. */
export const HALF_CHECKPOINT = /^\.checkpoint-(\d+)-[0-9a-f]{8}$/;

/** The manifest of a model in our own form, or of the quantised form of a fine-tuned one. */
export async function manifestIn(directory: string): Promise<{ manifest: Manifest; fineTuned: boolean } | undefined> {
  for (const [path, fineTuned] of [
    [directory, false],
    [join(directory, QUANTIZED), true],
  ] as const) {
    const manifest = await readManifest(directorySource(path)).catch(() => undefined); // whatever it is, it is not ours
    if (manifest) return { manifest, fineTuned };
  }
  return undefined;
}

/**
 * The files of a model that was written here, those of its checkpoints among them, in the order to remove them: the last ones
 * tell that it is a model.
 *
 * @throws UsageError where it is none, or holds anything else: a mistaken `overwrite` must remove no file that was not
 * written here
 */
export async function modelFiles(target: string): Promise<string[]> {
  const found = await manifestIn(target);
  if (!found) throw notModel(target);
  const { manifest, fineTuned } = found;
  const trained = (await named(target, () => readdir(target))).includes(STATE_FILE);
  const stored = Object.entries(manifest.files).flatMap(([name, listed]) => fileNames(name, listed));
  const quantized = ['config.json', ...stored.map(({ file }) => file)];
  const own = [...(fineTuned ? HUGGING_FACE_FILES : quantized), ...(trained ? TRAINING_FILES : [])];
  const inDirectory = (name: string): readonly string[] | undefined => {
    if (fineTuned && name === QUANTIZED) return quantized;
    return trained && checkpointStep(name) !== undefined ? CHECKPOINT_FILES : undefined;
  };
  const files = await filesIn(target, own, inDirectory, "the model's files where it is overwritten");
  const last = [STATE_FILE, join(QUANTIZED, 'config.json'), QUANTIZED, 'config.json'];
  return files.sort((a, b) => last.indexOf(a) - last.indexOf(b));
}

/**
 * Checks that a `<out>.training` holds what training writes there and nothing else: it becomes the model, and is cleared where
 * training starts anew.
 *
 * @throws UsageError naming what else is there; DataError where it cannot be read
 */
export async function checkTrainingFiles(directory: string): Promise<void> {
  const model = [...HUGGING_FACE_FILES, ...ENCODER_FILES, HEAD_FILE, ...TRAINING_FILES];
  const inDirectory = (name: string): readonly string[] | undefined => {
    if (name === QUANTIZED) return ['config.json', HEAD_FILE, ...ENCODER_FILES];
    return checkpointStep(name.replace(HALF_CHECKPOINT, 'checkpoint-$1')) !== undefined ? CHECKPOINT_FILES : undefined;
  };
  await filesIn(directory, model, inDirectory, 'an unfinished training');
}

/**
 * Every file of a directory and of those in it, by path, each directory after its files.
 *
 * @param own the names that files of the directory itself may have
 * @param inDirectory those that files of a directory in it may have; none where there should be no such directory
 * @throws UsageError where another is there, a link say: expected nothing but `expected`
 */
async function filesIn(
  target: string,
  own: readonly string[],
  inDirectory: (name: string) => readonly string[] | undefined,
  expected: string,
): Promise<string[]> {
  const files: string[] = [];
  const collect = async (directory: string, names: readonly string[]): Promise<void> => {
    for (const entry of await named(target, () => readdir(join(target, directory), { withFileTypes: true }))) {
      const path = join(directory, entry.name);
      const within = directory === '' && entry.isDirectory() ? inDirectory(entry.name) : undefined;
      if (within) {
        await collect(path, within);
      } else if (!entry.isFile() || !names.includes(entry.name)) {
        throw new UsageError(`${join(target, path)}: expected nothing but ${expected}, got another`);
      }
      files.push(path);
    }
  };
  await collect('', own);
  return files;
}

export function notModel(target: string): UsageError {
  return new UsageError(`${target}: expected a model made by bertwasm to overwrite, got something else`);
}

/** Removes a directory of these files, each ahead of the directory it is in; what came to it meanwhile is kept. */
export async function removeFiles(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await (checkpointStep(name) !== undefined || name === QUANTIZED ? rmdir : unlink)(join(directory, name));
  }
  await rmdir(directory).catch((error) => {
    throw new DataError(`${directory}: expected the files of the old model alone, got ${error.code}: the rest is kept`);
  });
}
