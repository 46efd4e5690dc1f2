import { inside, MODEL, ROOT } from '../paths.ts';
import type { Runtime } from '../runtime.ts';
import { runNpmProgram } from './run-program.ts';

/** Deno, which may read this repository, and nothing else: no network, no environment. */
export function deno(version: string): Runtime {
  const permissions = ['--no-prompt', '--no-remote', '--node-modules-dir=manual', `--allow-read=${ROOT}`];
  return {
    name: 'Deno',
    required: false,
    run: async () => {
      const printed = await runNpmProgram('deno', version, ['run', ...permissions, inside('files.mjs'), MODEL]);
      return { version, ...JSON.parse(printed) };
    },
  };
}
