import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the root of the repository; an error where it fails. */
export function run(program: string, ...args: string[]): void {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: expected exit code 0, got ${status ?? error}`);
}

export function bertwasm(...args: string[]): void {
  run(process.execPath, `${root}dist/node/main.js`, ...args);
}
