import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataError, UsageError } from '../errors.ts';
import type { CheckpointFiles } from '../train/checkpoints.ts';
import { DirectoryCheckpoints, writeDurably } from './node-checkpoints.ts';
import { checkTarget, moveDirectory, named } from './node-files.ts';

const LOCK = 'lock';

/**
 * The directory of an unfinished training, `<out>.training`: its checkpoints and, from {@link commit} on, the model. One
 * process at a time has it.
 */
export class TrainingDirectory {
  readonly path: string;
  readonly checkpoints: DirectoryCheckpoints;
  readonly #out: string;
  readonly #overwrite: boolean;

  private constructor(out: string, path: string, checkpoints: DirectoryCheckpoints, overwrite: boolean) {
    this.#out = out;
    this.path = path;
    this.checkpoints = checkpoints;
    this.#overwrite = overwrite;
  }

  /**
   * @throws UsageError where `out` is there, as {@link checkTarget}, or where checkpoints of an earlier training are and
   * neither `resume` nor `overwrite` says what to do with them
   * @throws DataError where another process trains the same, or the file system fails
   */
  static async open(out: string, { resume, overwrite }: { resume: boolean; overwrite: boolean }) {
    await checkTarget(out, overwrite);
    const path = `${resolve(out)}.training`;
    await named(path, () => mkdir(path, { recursive: true }));
    await lock(path);
    try {
      const checkpoints = await DirectoryCheckpoints.open(path);
      const steps = await checkpoints.list();
      if (steps.length > 0 && !resume && !overwrite) {
        throw new UsageError(
          `${out}.training: expected no unfinished training, got one of ${steps.at(-1)} steps (--resume goes on with it, --overwrite starts anew)`,
        );
      }
      if (!resume) for (const step of steps) await checkpoints.remove(step);
      return new TrainingDirectory(out, path, checkpoints, overwrite);
    } catch (error) {
      await unlock(path);
      throw error;
    }
  }

  /** Writes the files of the model beside the checkpoints; then the whole takes the place of `out`. */
  async commit(files: CheckpointFiles): Promise<void> {
    const replaced = await checkTarget(this.#out, this.#overwrite);
    await named(this.path, async () => {
      for (const [name, bytes] of Object.entries(files)) await writeDurably(join(this.path, name), bytes);
    });
    await unlock(this.path);
    await moveDirectory(this.path, this.#out, replaced);
  }

  /** Lets go of it where it was not committed; what is there stays for `resume`. */
  async close(): Promise<void> {
    await unlock(this.path);
    await rmdir(this.path).catch(() => {}); // where there is no checkpoint
  }
}

/**
 * A lock that its holder's death opens: it names a process and when that started, since numbers of processes come again.
 */
async function lock(directory: string): Promise<void> {
  const path = join(directory, LOCK);
  const own = `${process.pid} ${startOf(process.pid)}`;
  for (;;) {
    try {
      return await writeFile(path, own, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        await rm(path, { force: true });
        await rmdir(directory).catch(() => {});
        return named(directory, () => Promise.reject(error));
      }
    }
    const holder = await readFile(path, 'utf8').catch(() => '');
    const [pid, start] = holder.split(' ');
    if (start !== undefined && startOf(Number(pid)) === start) {
      throw new DataError(`${directory}: expected no other training of it, got one in process ${pid}`);
    }
    // Renamed, not removed: of two that find it open, one fails here and looks again.
    await rename(path, `${path}-${process.pid}`).catch(() => {});
    await rm(`${path}-${process.pid}`, { force: true });
  }
}

async function unlock(directory: string): Promise<void> {
  await rm(join(directory, LOCK), { force: true });
}

/** When a process started, in the system's own terms where it tells; `undefined` for one that is no more. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    // proc(5): after the name in parentheses the state, field 3; the start is field 22. Z is a dead one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return '-';
  }
}
