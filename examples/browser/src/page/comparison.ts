import type { Labels } from '../model/calls.ts';
import type { Row } from '../rows/row.ts';
import { element, make } from './element.ts';
import { percent, plainName } from './plain.ts';

/** How many rows are right, before and now. */
export function showTally(rows: readonly Row[], labels: readonly Labels[]): void {
  const right = (head: 'now' | 'before') =>
    rows.filter(({ label }, i) => label.trim() === labels[i][head]?.[0].label).length;
  const of = `of ${rows.length} right`;
  element('tally').replaceChildren(
    'Before ',
    make('strong', '', `${right('before')} ${of}`),
    ', now ',
    make('strong', '', `${right('now')} ${of}`),
  );
}

/** What each head says of a row. */
export function verdictOf({ label }: Row, { now, before }: Labels): Node {
  const verdict = make('span', '');
  for (const [when, head] of [['before', before] as const, ['now', now] as const]) {
    if (!head) continue;
    const [best] = head;
    const right = best.label === label.trim();
    const said = `${when}: ${plainName(best.label)}, ${percent(best.score)}, ${right ? 'right' : 'wrong'}`;
    verdict.append(make('span', right ? 'right' : 'wrong', said));
  }
  return verdict;
}
