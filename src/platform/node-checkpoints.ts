import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { checkpointName, checkpointStep } from '../train/checkpoint-names.ts';
import type { CheckpointFiles, CheckpointStore } from '../train/checkpoints.ts';
import { named, nodeSha256, syncDirectory } from './node-files.ts';
import { HALF_CHECKPOINT, SUMS_FILE } from './node-model-files.ts';

/**
 * Checkpoints as directories `checkpoint-<step>` of one directory. Each is written under another name, flushed to the
 * disk and then renamed, and renamed again ahead of its removal, so that one of that name is whole, whenever the process
 * was killed or the machine lost its power.
 *
 * @throws DataError naming the path where the file system fails, a full disk say
 */
export class DirectoryCheckpoints implements CheckpointStore {
  readonly #directory: string;
  /** Whether the checkpoints that are there count no more. */
  #anew: boolean;

  private constructor(directory: string, anew: boolean) {
    this.#directory = directory;
    this.#anew = anew;
  }

  /**
   * Makes the directory, or clears it of halves of checkpoints; no other process may write to it meanwhile.
   *
   * @param anew the checkpoints there count no more; they are kept until there is another, should this run come to nothing
   */
  static async open(directory: string, { anew = false } = {}): Promise<DirectoryCheckpoints> {
    await named(directory, async () => {
      await mkdir(directory, { recursive: true });
      for (const name of await readdir(directory)) {
        if (HALF_CHECKPOINT.test(name)) await rm(join(directory, name), { recursive: true });
      }
    });
    return new DirectoryCheckpoints(directory, anew);
  }

  async list(): Promise<number[]> {
    return this.#anew ? [] : this.old();
  }

  /** Steps of the checkpoints there, those among them that count no more. */
  async old(): Promise<number[]> {
    const entries = await readdir(this.#directory, { withFileTypes: true }).catch((error) => {
      throw new DataError(`${this.#directory}: expected a directory of checkpoints, got ${error.code}`);
    });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const steps = names.map(checkpointStep).filter((step) => step !== undefined);
    return steps.sort((a, b) => a - b);
  }

  /** Removes those that count no more: all but that of a step. */
  async removeOld(kept?: number): Promise<void> {
    if (!this.#anew) return;
    for (const step of await this.old()) if (step !== kept) await this.remove(step);
    this.#anew = false;
  }

  async save(step: number, files: CheckpointFiles): Promise<void> {
    const half = this.#half(step);
    await named(this.#path(step), async () => {
      try {
        await mkdir(half);
        for (const [name, bytes] of Object.entries(files)) await writeDurably(join(half, name), bytes);
        await writeDurably(join(half, SUMS_FILE), new TextEncoder().encode(sums(files)));
        await syncDirectory(half);
        await this.remove(step);
        await rename(half, this.#path(step));
      } catch (error) {
        await rm(half, { recursive: true, force: true });
        throw error;
      }
      await syncDirectory(this.#directory);
    });
    await this.removeOld(step);
  }

  async load(step: number): Promise<CheckpointFiles> {
    const path = this.#path(step);
    const files: Record<string, Uint8Array> = {};
    try {
      for (const name of await readdir(path)) files[name] = new Uint8Array(await readFile(join(path, name)));
    } catch (error) {
      throw new DataError(`${path}: expected a checkpoint, got ${(error as NodeJS.ErrnoException).code}`);
    }
    const { [SUMS_FILE]: stored, ...rest } = files;
    if (!stored) throw new DataError(`${path}: expected ${SUMS_FILE}, got no such file`);
    const lines = (text: string) => text.split('\n').filter((line) => line !== '');
    const [listed, there] = [lines(new TextDecoder().decode(stored)), lines(sums(rest))];
    const wrong = there.find((line) => !listed.includes(line));
    if (wrong !== undefined) throw new DataError(`${path}: expected the files of ${SUMS_FILE}, got ${wrong}`);
    const lost = listed.find((line) => !there.includes(line));
    if (lost !== undefined) throw new DataError(`${path}: expected ${lost}, got no such file`);
    return rest;
  }

  async remove(step: number): Promise<void> {
    const half = this.#half(step);
    await named(this.#path(step), async () => {
      try {
        await rename(this.#path(step), half);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw error;
      }
      await rm(half, { recursive: true });
    });
  }

  #path(step: number): string {
    return join(this.#directory, checkpointName(step));
  }

  #half(step: number): string {
    return join(this.#directory, `.${checkpointName(step)}-${randomUUID().slice(0, 8)}`);
  }
}

/** A line `<SHA-256>  <name>` for each file, by name: a flipped bit in a moment would go on unseen to another model. */
function sums(files: CheckpointFiles): string {
  const line = (name: string) => {
    const hash = nodeSha256();
    hash.update(files[name]);
    return `${hash.digest()}  ${name}\n`;
  };
  return Object.keys(files).sort().map(line).join('');
}

/** A new file, on the disk when this is done. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
