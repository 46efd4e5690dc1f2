import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Does some work in a new directory, which is then removed. */
export async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
