import type { Ask } from '../model/ask.ts';
import type { Labels } from '../model/calls.ts';
import { latest } from '../model/latest.ts';
import type { Row } from '../rows/row.ts';
import { element, make } from './element.ts';
import { percent, plainName } from './plain.ts';
import type { RowList } from './row-list.ts';

/** Rows that are read at once: what is typed meanwhile waits for no more, 80 ms. More at once take as long a row. */
const PIECE = 4;

/** @returns what compares both heads on rows, and shows it as it comes; nothing, until a head was trained */
export function comparison(ask: Ask, judge: RowList['judge']): (rows: readonly Row[]) => Promise<void> {
  return latest(async (rows, isNewest) => {
    const labels: Labels[] = [];
    while (labels.length < rows.length) {
      const first = labels.length;
      const piece = rows.slice(first, first + PIECE);
      const texts = piece.map(({ text }) => text);
      const found = await ask('compare', texts);
      if (!isNewest() || !found[0].before) return;
      const verdicts = piece.map((row, i) => verdictOf(row, found[i]));
      judge(verdicts, first);
      labels.push(...found);
    }
    element('tally').replaceChildren(...(rows.length > 0 ? tallyOf(rows, labels) : []));
  });
}

/** How many rows are right, before and now. */
function tallyOf(rows: readonly Row[], labels: readonly Labels[]): (Node | string)[] {
  const right = (head: 'now' | 'before') =>
    rows.filter(({ label }, i) => label.trim() === labels[i][head]?.[0].label).length;
  const of = `of ${rows.length} right`;
  return [
    'Before ',
    make('strong', '', `${right('before')} ${of}`),
    ', now ',
    make('strong', '', `${right('now')} ${of}`),
  ];
}

/** What each head says of a row. */
function verdictOf({ label }: Row, { now, before }: Labels): Node {
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
