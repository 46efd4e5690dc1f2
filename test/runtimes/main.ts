import { parseArgs } from 'node:util';
import { RUNTIMES } from './all.ts';
import { allHold, type Outcome, outcomeOf } from './outcome.ts';
import { remarks, table } from './table.ts';

/*
 * npm run test:runtimes [-- --json]: the suite in every runtime, which must give the same bits in all of them.
 */

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const outcomes: Outcome[] = [];
for (const runtime of RUNTIMES) {
  const outcome = await outcomeOf(runtime, Boolean(process.env.CI));
  console.error(`${outcome.runtime}: ${outcome.report ? 'done' : (outcome.skipped ?? outcome.failed)}`);
  outcomes.push(outcome);
}
const same = allHold(outcomes);
if (values.json) {
  console.log(JSON.stringify({ same, outcomes }));
} else {
  console.log([table(outcomes), ...remarks(outcomes), same ? 'the same bits everywhere' : 'NOT the same'].join('\n'));
}
process.exitCode = same ? 0 : 1;
