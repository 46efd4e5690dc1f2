import { inside, MODEL } from '../paths.ts';
import type { Runtime } from '../runtime.ts';
import { runNpmProgram, runProgram } from './run-program.ts';

const ARGS = ['--disallow-code-generation-from-strings', inside('files.mjs'), MODEL];

export function node(version: string): Runtime {
  return {
    name: 'Node',
    required: true,
    run: async () => ({ version, ...JSON.parse(await runNpmProgram('node', version, ARGS)) }),
  };
}

/** The Node that runs this. */
export const presentNode: Runtime = {
  name: 'Node',
  required: true,
  run: async () => ({ version: process.versions.node, ...JSON.parse(await runProgram(process.execPath, ARGS)) }),
};
