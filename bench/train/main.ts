// npm run bench:train [-- steps|whole|full ...] [--quick] [--json] [--write]
//   names    only those parts; --quick  a few rounds, to see that it works
//   --json   the document on stdout, not the table; --write  the table into bench/train/RESULTS.md
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { root } from '../files.ts';
import { load, machine } from '../report.ts';
import { markdown, type TrainReport } from './report.ts';

const { values: options, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, write: { type: 'boolean' } },
  allowPositionals: true,
});
const PARTS = ['steps', 'whole', 'full'];
const parts = positionals.length > 0 ? positionals : PARTS;
const unknown = parts.find((part) => !PARTS.includes(part));
if (unknown !== undefined) throw new Error(`part: expected ${PARTS}, got ${unknown}`);

const begin = load();
const quick = options.quick === true;
const steps = parts.includes('steps') ? await (await import('./steps.ts')).steps(quick) : undefined;
const whole = parts.includes('whole') ? await (await import('./whole.ts')).whole(quick) : undefined;
const full = parts.includes('full') ? await (await import('./full.ts')).full(quick) : undefined;
const date = new Date().toISOString().slice(0, 10);
const report: TrainReport = { date, ...machine(), load: [begin, load()], steps, whole, full };
mkdirSync(`${root}build/bench`, { recursive: true });
writeFileSync(`${root}build/bench/train.json`, `${JSON.stringify(report, null, 2)}\n`);
if (options.write) {
  writeFileSync(
    `${root}bench/train/RESULTS.md`,
    `# Training: benchmark results\n\nWritten by \`npm run bench:train -- --write\`.\n\n${markdown(report)}`,
  );
}
console.log(options.json ? JSON.stringify(report, null, 2) : markdown(report));
