import { lstat, mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, UsageError } from '../errors.ts';
import { checkpointStep } from '../train/checkpoint-names.ts';
import type { CheckpointFiles } from '../train/checkpoints.ts';
import { DirectoryCheckpoints, writeDurably } from './node-checkpoints.ts';
import { named } from './node-files.ts';
import { checkTrainingFiles } from './node-model-files.ts';
import { lives, thisProcess } from './node-process.ts';
import { checkTarget, moveDirectory } from './node-target.ts';

/**
 * The directory of an unfinished training, `<out>.training`: its checkpoints and, from {@link commit} on, the model. One
 * process at a time has it.
 */
export class TrainingDirectory {
  readonly path: string;
  readonly checkpoints: DirectoryCheckpoints;
  readonly #out: string;
  readonly #overwrite: boolean;
  #committed = false;

  private constructor(out: string, path: string, checkpoints: DirectoryCheckpoints, overwrite: boolean) {
    this.#out = out;
    this.path = path;
    this.checkpoints = checkpoints;
    this.#overwrite = overwrite;
  }

  /**
   * @throws UsageError where `out` is there, as {@link checkTarget}, or where checkpoints of an earlier training are and
   * neither `resume` nor `overwrite` says what to do with them, or where `<out>.training` holds anything else
   * @throws DataError where another process trains the same, or the file system fails
   */
  static async open(out: string, { resume, overwrite }: { resume: boolean; overwrite: boolean }) {
    const path = `${resolve(out)}.training`;
    await named(path, () => mkdir(dirname(path), { recursive: true }));
    await lock(path);
    try {
      await checkTarget(out, overwrite); // under the lock: another may have come to its end just before
      await checkUnfinished(`${out}.training`);
      await clearModel(path);
      const checkpoints = await DirectoryCheckpoints.open(path, { anew: !resume });
      const steps = await checkpoints.old();
      if (steps.length > 0 && !resume && !overwrite) {
        throw new UsageError(
          `${out}.training: expected no unfinished training, got one of ${steps.at(-1)} steps (--resume goes on with it, --overwrite starts anew)`,
        );
      }
      return new TrainingDirectory(out, path, checkpoints, overwrite);
    } catch (error) {
      await unlock(path);
      throw error;
    }
  }

  /** Writes the files of the model, by their paths, beside the checkpoints; then the whole takes the place of `out`. */
  async commit(files: CheckpointFiles): Promise<void> {
    const replaced = await checkTarget(this.#out, this.#overwrite);
    await this.checkpoints.removeOld();
    await named(this.path, async () => {
      for (const [name, bytes] of Object.entries(files)) {
        await mkdir(dirname(join(this.path, name)), { recursive: true });
        await writeDurably(join(this.path, name), bytes);
      }
    });
    await moveDirectory(this.path, this.#out, replaced);
    this.#committed = true; // the name is free again for another process
    await unlock(this.path);
  }

  /** Lets go of it where it was not committed; what is there stays for `resume`. */
  async close(): Promise<void> {
    if (this.#committed) return;
    await rmdir(this.path).catch(() => {}); // where there is no checkpoint
    await unlock(this.path);
  }
}

/** What is in the directory will be part of the model, or removed: it must be ours, and the directory no link to another. */
async function checkUnfinished(directory: string): Promise<void> {
  const stats = await lstat(resolve(directory)).catch(() => undefined); // what cannot be read will be told when it is written
  if (!stats) return;
  if (!stats.isDirectory()) throw new UsageError(`${directory}: expected a directory or none, got something else`);
  await checkTrainingFiles(directory);
}

/** What of a model a process killed in {@link TrainingDirectory.commit} left: it may have other files than the next. */
async function clearModel(directory: string): Promise<void> {
  await named(directory, async () => {
    for (const name of await readdir(directory).catch(() => [])) {
      if (checkpointStep(name) === undefined) await rm(join(directory, name), { recursive: true });
    }
  });
}

/**
 * A lock that its holder's death opens: an empty, hidden file beside the directory, whose name tells the process; within
 * the directory it would be open while that takes its last name. Each makes its own and then looks for others', so that of
 * two at once one at least sees the other and gives up; both may.
 */
async function lock(directory: string): Promise<void> {
  const own = thisProcess();
  try {
    await writeFile(lockOf(directory, own), '', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw heldBy(directory, own);
    return named(directory, () => Promise.reject(error));
  }
  const prefix = basename(lockOf(directory, ''));
  for (const name of await named(directory, () => readdir(dirname(directory)))) {
    const holder = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!/^\d+-\d+$/.test(holder) || holder === own) continue;
    if (lives(holder)) {
      await unlock(directory);
      throw heldBy(directory, holder);
    }
    await rm(lockOf(directory, holder), { force: true });
  }
}

async function unlock(directory: string): Promise<void> {
  await rm(lockOf(directory, thisProcess()), { force: true });
}

function lockOf(directory: string, holder: string): string {
  return join(dirname(directory), `.${basename(directory)}-lock-${holder}`);
}

function heldBy(directory: string, holder: string): DataError {
  const [pid] = holder.split('-');
  return new DataError(`${directory}: expected no other training of it, got one in process ${pid}`);
}
