import { type Mistake, mistakes } from './mistakes.ts';
import { type Cell, escapeHtml, figure, table } from './report-html.ts';
import type { SequenceRow, TokenRow } from './rows.ts';
import type { EvaluatedRows } from './train-head.ts';

/** Most mistakes, characters of a text and words of a sentence that are shown. */
const SHOWN = { mistakes: 25, characters: 600, words: 80 };

/** The rows of an evaluation that a head got most wrong, with what it took them for. */
export function mistakeTable(evaluation: EvaluatedRows, labels: readonly string[]): string {
  const all = mistakes(evaluation, labels);
  if (all.length === 0) return '<p class="note">None.</p>';
  const shown = all.slice(0, SHOWN.mistakes);
  const isToken = evaluation.details.kind === 'token';
  const rows = shown.map((mistake): Cell[] => {
    const row = evaluation.rows[mistake.row];
    const [{ given, predicted }] = mistake.wrong;
    const html = 'tokens' in row ? sentence(row, mistake) : text(row);
    return [
      { html: `<bdi>${html}</bdi>`, kind: 'text' },
      ...(isToken ? [] : [given, predicted]),
      figure(mistake.score),
      { html: escapeHtml(row.place ?? String(mistake.row)), kind: 'place' },
    ];
  });
  const what = isToken ? 'the worst word’s tag' : 'the label';
  return [
    `<p class="note">${shown.length} of ${all.length} rows that were wrong, the highest loss first; the score is the probability of ${what} that was given.</p>`,
    table(isToken ? ['sentence', 'score', 'row'] : ['text', 'given', 'predicted', 'score', 'row'], rows),
  ].join('\n');
}

function text({ text }: SequenceRow): string {
  const cut = shortened(text);
  return escapeHtml(cut) + (cut.length < text.length ? ' …' : '');
}

/** The words that were wrong with their tags, given and predicted, and those around the first of them. */
function sentence({ tokens }: TokenRow, { wrong }: Mistake): string {
  const from = Math.max(0, wrong[0].word - SHOWN.words / 2);
  const to = Math.min(tokens.length, from + SHOWN.words);
  const words = tokens.slice(from, to).map((token, i) => {
    const escaped = escapeHtml(shortened(token));
    const mistake = wrong.find(({ word }) => word === from + i);
    if (!mistake) return escaped;
    return `<mark>${escaped}</mark> <small>${escapeHtml(`${mistake.given} → ${mistake.predicted}`)}</small>`;
  });
  return `${from > 0 ? '… ' : ''}${words.join(' ')}${to < tokens.length ? ' …' : ''}`;
}

/** No half of a surrogate pair at the end. */
function shortened(text: string): string {
  return text.slice(0, SHOWN.characters).replace(/[\ud800-\udbff]$/, '');
}
