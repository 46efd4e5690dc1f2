import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../paths.ts';
import { Unavailable } from '../runtime.ts';

const execute = promisify(execFile);

/** Runs a program in the repository, and gives what it printed. */
export async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, args, { cwd: ROOT });
  return stdout;
}

/** Runs a program of an npm package, which npm fetches and keeps. */
export async function runNpmProgram(program: string, version: string, args: readonly string[]): Promise<string> {
  const run = (rest: readonly string[]) =>
    runProgram('npm', ['exec', '--yes', `--package=${program}@${version}`, '--', program, ...rest]);
  const told = await run(['--version']).catch((error) => {
    throw new Unavailable(`npm has no ${program}@${version}: ${error.stderr}`);
  });
  // npm prefers what is installed, if only by mistake.
  if (!told.includes(version)) throw new Error(`${program}: expected version ${version}, got ${told.trim()}`);
  return run(args);
}
