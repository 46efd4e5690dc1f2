// npm run bench:serve [-- --quick] [--json] [--write]
//   --quick  few requests, to see that it works
//   --json   the document on stdout, not the table; --write  the table into bench/serve/RESULTS.md
// Sentences of SST-2 dev, one a request, over loopback to `bertwasm serve` with the default model; autocannon asks from this process.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { root } from '../files.ts';
import { load, machine } from '../report.ts';
import { markdown, type ServeReport } from './report.ts';
import { Server } from './server.ts';
import { soak } from './soak.ts';
import { send } from './traffic.ts';

/** More, and memory grows; the heap of V8 has its own tides. */
const MOST_GROWTH = 1.05;

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, write: { type: 'boolean' } },
});
const [seconds, requests] = options.quick ? [2, 1000] : [20, 50_000];

async function measure(): Promise<Pick<ServeReport, 'traffic' | 'soak'>> {
  await using server = await Server.start();
  await send(server.url, 1, { duration: 2 }); // V8 compiles what is hot
  const traffic: ServeReport['traffic'] = [];
  for (const connections of [1, 8, 64]) traffic.push(await send(server.url, connections, { duration: seconds }));
  return { traffic, soak: await soak(server, requests) };
}

const begin = load();
const measured = await measure();
const { growth } = measured.soak;

const { cpu, cores, node } = machine();
const date = new Date().toISOString().slice(0, 10);
const report: ServeReport = { date, cpu, cores, node, load: [begin, load()], ...measured };
if (options.write) {
  writeFileSync(
    `${root}bench/serve/RESULTS.md`,
    `# bertwasm serve: benchmark results\n\nWritten by \`npm run bench:serve -- --write\`: sentences of SST-2 dev, one a request, default model, over loopback, the client on the same machine.\n\n${markdown(report)}`,
  );
}
console.log(options.json ? JSON.stringify(report, null, 2) : markdown(report));
if (growth > MOST_GROWTH) {
  console.error(`memory: expected at most ${MOST_GROWTH} times that of the first half, got ${growth.toFixed(3)}`);
  process.exitCode = 1;
}
