import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Mounts a file system of so many kB, where this process may: Linux, as root. */
export async function smallDisk(path: string, kilobytes: number): Promise<{ unmount(): Promise<void> } | undefined> {
  await mkdir(path, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path]);
  } catch {
    return undefined;
  }
  return { unmount: async () => void (await run('umount', [path])) };
}
