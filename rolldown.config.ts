import { defineConfig } from 'rolldown';

/*
 * What Node runs, in few files, since it opens, compiles and links each on its own: the package is two where tsc's are 112, `bertwasm
 * predict` six of 127. Importing the package takes a new process 100 M instructions in place of 227 M.
 */
const common = { platform: 'node', external: /^[a-z@]/ } as const; // packages, and Node's own modules
const output = { dir: 'dist/node', entryFileNames: '[name].js', chunkFileNames: '[name].js', comments: false } as const;

/** Started by their file's name, in a thread or a process of their own, which wants no more than its own code. */
const STARTED = ['platform/node-thread', 'cli/parquet-reader', 'ort/session-worker', 'ort/device-probe'];

export default defineConfig([
  {
    ...common,
    input: { node: 'src/platform/node.ts', serve: 'src/serve/index.ts', main: 'src/cli/main.ts' },
    output: {
      ...output,
      codeSplitting: {
        groups: [
          // With all that it imports. Split by who shares what, as by default, it would be twenty files again.
          { name: 'library', test: /[\\/]platform[\\/]node\.ts$/ },
          // What several commands share.
          { name: 'commands', test: /[\\/]cli[\\/]/, minShareCount: 2 },
        ],
      },
    },
  },
  ...STARTED.map((program) => ({
    ...common,
    input: `src/${program}.ts`,
    output: { ...output, codeSplitting: false },
  })),
]);
