import { inside, MODEL } from '../paths.ts';
import type { Runtime } from '../runtime.ts';
import { runNpmProgram } from './run-program.ts';

export function bun(version: string): Runtime {
  return {
    name: 'Bun',
    required: false,
    run: async () => {
      const printed = await runNpmProgram('bun', version, ['run', '--no-install', inside('files.mjs'), MODEL]);
      return { version, ...JSON.parse(printed) };
    },
  };
}
