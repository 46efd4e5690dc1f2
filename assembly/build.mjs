// node assembly/build.mjs [target ...]   the builds of the kernels that are shipped, or other targets of asconfig.json
// In one process: a command for each would start and warm up the compiler six times (36 s of CPU time, 11 here).
import { main } from 'assemblyscript/asc';

const SHIPPED = ['base', 'relaxed'].flatMap((build) => [build, `${build}-light`, `${build}-threads`]);
const targets = process.argv.length > 2 ? process.argv.slice(2) : SHIPPED;

for (const target of targets) {
  const entry = target === 'scalar' ? 'assembly/scalar/index.ts' : 'assembly/index.ts';
  const { error } = await main([entry, '--config', 'asconfig.json', '--target', target], {
    stdout: process.stdout,
    stderr: process.stderr,
  });
  if (error) process.exit(1); // the compiler has told why
}
