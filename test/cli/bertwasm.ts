import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { tinyModel, tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';

/** The command line as it is shipped: `npm run build` makes it. */
export const MAIN = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));

export interface Result {
  stdout: string;
  stderr: string;
  code: number | null;
}

/** Starts the command line in `cwd` with all its streams piped. */
export function start(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env } });
}

/** Runs it to its end. */
export async function finish(child: ChildProcessWithoutNullStreams, stdin?: string | Uint8Array): Promise<Result> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin.on('error', () => {}); // It may end before it has read everything.
  child.stdin.end(stdin);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { ...output, code };
}

/** A directory for the tests of one file: `own` and `hf` hold the tiny model in both forms. */
export function workspace() {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bertwasm-cli-'));
    await writeFiles(join(directory, 'own'), await tinyOwnModel());
    await writeFiles(join(directory, 'hf'), tinyModel());
  });
  afterAll(() => rm(directory, { recursive: true }));
  return {
    path: (name = '') => join(directory, name),
    write: (name: string, contents: string | Uint8Array) => writeFile(join(directory, name), contents),
    start: (args: readonly string[], env?: NodeJS.ProcessEnv) => start(args, directory, env),
    run: (args: readonly string[], stdin?: string | Uint8Array, env?: NodeJS.ProcessEnv) =>
      finish(start(args, directory, env), stdin),
  };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
