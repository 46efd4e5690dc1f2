import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { DirectoryWriter } from '../model/own-form.ts';
import { named, syncDirectory } from './node-files.ts';
import { manifestIn, modelFiles, notModel, removeFiles } from './node-model-files.ts';
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

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
