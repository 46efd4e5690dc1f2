import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, UsageError } from '../errors.ts';
import type { Manifest } from '../model/config.ts';
import type { DirectoryWriter } from '../model/own-form.ts';
import { readManifest } from '../model/verified.ts';
import { checkpointStep, HEAD_FILE, OPTIMIZER_FILE, STATE_FILE } from '../train/checkpoint-names.ts';
import { directorySource, named, syncDirectory } from './node-files.ts';
import { lives, thisProcess } from './node-process.ts';

/**
 * Writes a directory whole or not at all: files go to a hidden sibling, each flushed to disk, which takes the target's name
 * at `commit`. What a killed process leaves, {@link recoverTarget} puts right.
 *
 * @throws UsageError as {@link checkTarget}; DataError where the file system fails, a full disk say
 */
export async function directoryWriter(target: string, overwrite = false): Promise<DirectoryWriter> {
  const path = resolve(target);
  const parent = dirname(path);
  const replaced = await checkTarget(target, overwrite);
  // Not mkdtemp: its directories are closed to the group, whatever the umask says.
  const temporary = join(parent, hiddenName(basename(path)));
  await named(target, async () => {
    await mkdir(parent, { recursive: true });
    await mkdir(temporary);
  });
  let last: FileHandle | undefined;
  return {
    async file(name) {
      const handle = await named(target, async () => {
        if (dirname(name) !== '.') await mkdir(join(temporary, dirname(name)), { recursive: true });
        return open(join(temporary, name), 'wx');
      });
      last = handle;
      return {
        write: (bytes) => named(target, () => handle.writeFile(bytes)),
        close: () =>
          named(target, async () => {
            await handle.sync();
            await handle.close();
          }),
      };
    },
    commit: () => moveDirectory(temporary, target, replaced),
    async abort() {
      await last?.close();
      await rm(temporary, { recursive: true, force: true });
    },
  };
}

/** A new hidden name, of this process. */
function hiddenName(name: string): string {
  return `.${name}-${thisProcess()}-${randomUUID().slice(0, 8)}`;
}

/**
 * Gives a directory, hidden or `<target>.training`, the name of a target beside it. What {@link checkTarget} found there
 * moves aside first, under a name that tells of both, and is removed after.
 */
export async function moveDirectory(from: string, target: string, replaced: string[] | undefined): Promise<void> {
  const path = resolve(target);
  const parent = dirname(path);
  await named(target, async () => {
    await syncDirectory(from);
    const old = join(parent, `${hiddenName(basename(from).replace(/^\./, ''))}-old`);
    if (replaced) await rename(path, old);
    try {
      await rename(from, path);
    } catch (error) {
      if (replaced) await rename(old, path);
      throw error;
    }
    await syncDirectory(parent);
    if (replaced) await removeFiles(old, replaced);
  });
}

/** What follows the name of the target in hidden names, the process that made them in a group of its own. */
const HIDDEN = /^-(\d+-\d+)-[0-9a-f]{8}$/;
/** The lock of node-training.ts. */
const LOCK = /^\.training-lock-(\d+-\d+)$/;
const OLD = /^(\.training|-\d+-\d+-[0-9a-f]{8})-(\d+-\d+)-[0-9a-f]{8}-old$/;

/**
 * Puts right what killed processes left beside a target: a replacement that was broken off between its renames is
 * finished, or undone where the new directory is no more; what is half-written or half-removed goes. Nothing of a
 * process that lives is touched.
 *
 * @throws DataError where the file system fails
 */
export async function recoverTarget(target: string): Promise<void> {
  const path = resolve(target);
  const parent = dirname(path);
  const prefix = `.${basename(path)}`;
  await named(target, async () => {
    const siblings = await readdir(parent).catch(() => []); // what cannot be read will be told when it is written
    const rests = siblings.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    for (const rest of rests) {
      const [, made, mover] = OLD.exec(rest) ?? [];
      if (mover === undefined || lives(mover)) continue;
      const from = made === '.training' ? `${path}${made}` : join(parent, prefix + made);
      await finishMove(from, path, join(parent, prefix + rest));
    }
    for (const rest of rests) {
      const writer = (HIDDEN.exec(rest) ?? LOCK.exec(rest))?.[1];
      if (writer === undefined || lives(writer) || rests.some((other) => other.startsWith(`${rest}-`))) continue;
      await rm(join(parent, prefix + rest), { recursive: true, force: true });
    }
  });
}

/** Finishes {@link moveDirectory}: `from` was whole before anything was moved. */
async function finishMove(from: string, path: string, old: string): Promise<void> {
  if (!(await isThere(path))) {
    const isWhole = await manifestIn(from);
    await rename(isWhole ? from : old, path).catch(async (error) => {
      if (!(await isThere(path))) throw error; // else another process was faster
    });
    await syncDirectory(dirname(path));
  } else if (await isThere(from)) return; // somebody filled the gap: all three are kept
  // What of others is in it stays, and the rest too.
  await removeFiles(old, await modelFiles(old).catch(() => [])).catch(() => {});
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(missing)) !== undefined;
}

/** Where a fine-tuned model, which is in Hugging Face's form, has its quantised one. */
export const QUANTIZED = 'q8';

/** What training leaves beside the files of the manifest. */
const TRAINING_FILES = [STATE_FILE, 'report.html'];
const HUGGING_FACE_FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'README.md'];
const CHECKPOINT_FILES = [...HUGGING_FACE_FILES, HEAD_FILE, OPTIMIZER_FILE, STATE_FILE];

/**
 * The files of the model that a writer would replace; `undefined` where nothing is there.
 *
 * @throws UsageError where the target exists, or with `overwrite` as {@link modelFiles}
 */
export async function checkTarget(target: string, overwrite: boolean): Promise<string[] | undefined> {
  // Resolved: with a slash at its end the name of a link is that of the directory it leads to.
  const stats = await named(target, () => lstat(resolve(target)).catch(missing));
  if (!stats) return undefined;
  if (!overwrite) throw new UsageError(`${target}: expected a directory that does not exist yet, got an existing one`);
  if (!stats.isDirectory()) throw notModel(target);
  return modelFiles(target);
}

/** The manifest of a model in our own form, or of the quantised form of a fine-tuned one. */
async function manifestIn(directory: string): Promise<{ manifest: Manifest; fineTuned: boolean } | undefined> {
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
async function modelFiles(target: string): Promise<string[]> {
  const found = await manifestIn(target);
  if (!found) throw notModel(target);
  const { manifest, fineTuned } = found;
  const trained = (await named(target, () => readdir(target))).includes(STATE_FILE);
  const quantized = ['config.json', ...Object.keys(manifest.files)];
  const own = [...(fineTuned ? HUGGING_FACE_FILES : quantized), ...(trained ? TRAINING_FILES : [])];
  const inDirectory = (name: string): readonly string[] | undefined => {
    if (fineTuned && name === QUANTIZED) return quantized;
    return trained && checkpointStep(name) !== undefined ? CHECKPOINT_FILES : undefined;
  };
  const files: string[] = [];
  const collect = async (directory: string, names: readonly string[]): Promise<void> => {
    for (const entry of await named(target, () => readdir(join(target, directory), { withFileTypes: true }))) {
      const path = join(directory, entry.name);
      const within = directory === '' && entry.isDirectory() ? inDirectory(entry.name) : undefined;
      if (within) {
        await collect(path, within);
      } else if (!entry.isFile() || !names.includes(entry.name)) {
        throw new UsageError(
          `${join(target, path)}: expected nothing but the model's files where it is overwritten, got another`,
        );
      }
      files.push(path);
    }
  };
  await collect('', own);
  const last = [STATE_FILE, join(QUANTIZED, 'config.json'), QUANTIZED, 'config.json'];
  return files.sort((a, b) => last.indexOf(a) - last.indexOf(b));
}

function notModel(target: string): UsageError {
  return new UsageError(`${target}: expected a quantised model to overwrite, got something else`);
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Removes a directory of these files, each ahead of the directory it is in; what came to it meanwhile is kept. */
async function removeFiles(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await (checkpointStep(name) !== undefined || name === QUANTIZED ? rmdir : unlink)(join(directory, name));
  }
  await rmdir(directory).catch((error) => {
    throw new DataError(`${directory}: expected the files of the old model alone, got ${error.code}: the rest is kept`);
  });
}
