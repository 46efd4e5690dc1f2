// npm run bench [-- latency|texts|threads|processes|size|roofline ...] [--quick] [--json] [--write]
//   names    only those scenarios; --quick  a few rounds, to see that it works
//   --json   the document on stdout, not the tables; --write  bench/RESULTS.md, results.json and both charts, of all scenarios
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { roofline as rooflineChart } from './charts/roofline.ts';
import { summary } from './charts/summary.ts';
import { installPeers, makeModels, resultsFile, root } from './files.ts';
import { page } from './page.ts';
import { load, machine, type Report } from './report.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { tables } from './tables.ts';
import { versions } from './versions.ts';

const { values: options, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, write: { type: 'boolean' } },
  allowPositionals: true,
});
const quick = options.quick === true;
const SCENARIOS: Record<string, () => Promise<Scenario>> = {
  latency: async () => (await import('./scenarios/latency.ts')).latency(quick),
  texts: async () => (await import('./scenarios/texts.ts')).texts(quick),
  threads: async () => (await import('./scenarios/threads.ts')).threads(quick),
  processes: async () => (await import('./scenarios/processes.ts')).processes(quick),
  size: async () => (await import('./scenarios/size.ts')).size(),
};
const known = [...Object.keys(SCENARIOS), 'roofline'];
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) throw new Error(`scenario: expected ${known.join(', ')}, got ${unknown}`);
if (options.write && positionals.length > 0) throw new Error(`--write: expected all scenarios, got ${positionals}`);
const names = positionals.length > 0 ? positionals : known;

makeModels();
installPeers();
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  ...machine(),
  versions: versions(),
  load: [load(), 0],
  minutes: 0,
  quick,
  results: {},
  absent: {},
};
mkdirSync(dirname(resultsFile), { recursive: true });
for (const name of names) {
  console.error(name);
  if (name === 'roofline') {
    report.roofline = await (await import('./scenarios/roofline.ts')).roofline(quick);
  } else {
    const { results, absent } = await SCENARIOS[name]();
    report.results[name] = results;
    Object.assign(report.absent, Object.fromEntries(absent));
  }
  report.load[1] = load();
  report.minutes = performance.now() / 60_000;
  // Now, not at the end: a run takes a quarter of an hour, and the next scenario may fail.
  writeFileSync(resultsFile, json(report));
}

if (options.write) {
  writeFileSync(`${root}bench/results.json`, json(report));
  writeFileSync(`${root}bench/RESULTS.md`, page(report));
  writeFileSync(`${root}bench/chart.svg`, summary(report));
  if (report.roofline) writeFileSync(`${root}bench/roofline.svg`, rooflineChart(report.roofline));
}
console.log(options.json ? json(report) : tables(report));

function json(document: Report): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
