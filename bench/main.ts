// npm run bench [-- latency|sentences|processes ...] [--quick] [--json] [--write]
//   names    only those scenarios; --quick  a few rounds, to see that it works
//   --json   the document on stdout, not the table; --write  the table into bench/RESULTS.md
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { makeModels, resultsFile, root } from './files.ts';
import { ortVersion } from './peers/ort-web.ts';
import { load, machine, markdown, type Report, resultsPage } from './report.ts';

const { values: options, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, write: { type: 'boolean' } },
  allowPositionals: true,
});
const SCENARIOS = {
  latency: async () => (await import('./scenarios/latency.ts')).latency,
  sentences: async () => (await import('./scenarios/sentences.ts')).sentences,
  processes: async () => (await import('./scenarios/processes.ts')).processes,
};
const names = (positionals.length > 0 ? positionals : Object.keys(SCENARIOS)) as (keyof typeof SCENARIOS)[];

makeModels();
const begin = load();
const rows: Report['rows'] = [];
for (const name of names) {
  if (!Object.hasOwn(SCENARIOS, name)) throw new Error(`scenario: expected ${Object.keys(SCENARIOS)}, got ${name}`);
  console.error(name);
  const scenario = await SCENARIOS[name]();
  rows.push(...(await scenario(options.quick === true)));
}

const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  ...machine(),
  onnxruntimeWeb: ortVersion,
  load: [begin, load()],
  rows,
};
mkdirSync(dirname(resultsFile), { recursive: true });
writeFileSync(resultsFile, `${JSON.stringify(report, null, 2)}\n`);
if (options.write) writeFileSync(`${root}bench/RESULTS.md`, resultsPage(report));
console.log(options.json ? JSON.stringify(report, null, 2) : markdown(report));
