import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { checkRange, type Features } from '../train/features.ts';
import { MemoryFeatures } from '../train/memory-features.ts';

/**
 * Makes feature caches that share `bytes` of memory; what does not fit goes to files in `directory`, which have no name
 * once they are open: the file system frees them with the process, however it ends.
 *
 * @throws DataError from `append` where the disk is full
 */
export function featureCache(directory: string, bytes: number): (width: number) => Features {
  let left = bytes;
  const take = (size: number): boolean => {
    if (size > left) return false;
    left -= size;
    return true;
  };
  return (width) => new SpillingFeatures(width, directory, take);
}

class SpillingFeatures implements Features {
  readonly width: number;
  readonly #directory: string;
  readonly #take: (size: number) => boolean;
  readonly #memory: MemoryFeatures;
  /** The vectors after those in memory. */
  #file: SpillFile | undefined;

  constructor(width: number, directory: string, take: (size: number) => boolean) {
    this.width = width;
    this.#directory = directory;
    this.#take = take;
    this.#memory = new MemoryFeatures(width);
  }

  get count(): number {
    return this.#memory.count + (this.#file?.length ?? 0) / this.width;
  }

  append(vectors: Float32Array): void {
    if (!this.#file && this.#take(vectors.byteLength)) {
      this.#memory.append(vectors);
    } else {
      this.#file ??= new SpillFile(this.#directory);
      this.#file.append(vectors);
    }
  }

  read(from: number, to: number, into: Float32Array): void {
    checkRange(from, to, this.count);
    const { count } = this.#memory;
    const middle = Math.min(Math.max(from, count), to);
    if (from < middle) this.#memory.read(from, middle, into);
    const rest = into.subarray((middle - from) * this.width, (to - from) * this.width);
    if (middle < to) this.#file?.read((middle - count) * this.width, rest);
  }

  close(): void {
    this.#memory.close();
    this.#file?.close();
    this.#file = undefined;
  }
}

/** f32 values in a file without a name. */
class SpillFile {
  readonly #directory: string;
  readonly #descriptor: number;
  /** Values in it. */
  length = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.#descriptor = this.#named(() => {
      const path = join(directory, `.features-${randomUUID().slice(0, 8)}`);
      const descriptor = openSync(path, 'wx+');
      unlinkSync(path);
      return descriptor;
    });
  }

  append(values: Float32Array): void {
    const bytes = bytesOf(values);
    this.#named(() => {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#descriptor, bytes, at, bytes.length - at, 4 * this.length + at);
      }
    });
    this.length += values.length;
  }

  /** Values from number `from` on. */
  read(from: number, into: Float32Array): void {
    const bytes = bytesOf(into);
    this.#named(() => {
      for (let at = 0; at < bytes.length; ) {
        const count = readSync(this.#descriptor, bytes, at, bytes.length - at, 4 * from + at);
        if (count === 0) throw new DataError(`${this.#directory}: expected the cached features, got a part of them`);
        at += count;
      }
    });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #named<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code ? new DataError(`${this.#directory}: expected room for the cached features, got ${code}`) : error;
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
