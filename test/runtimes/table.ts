import pc from 'picocolors';
import { checksOf, holds, type Outcome } from './outcome.ts';

/** Hex digits of a digest that are shown. */
const SHOWN = 8;

interface Cell {
  text: string;
  color?: (text: string) => string;
}

/** Runtime x check: digests, in green where they are those of the first column. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = checksOf(outcomes).map((check) => [
    { text: check },
    ...outcomes.map((outcome) => checkCell(check, outcome, outcomes)),
  ]);
  return aligned([
    [{ text: '' }, ...outcomes.map(({ runtime }) => ({ text: runtime }))],
    [{ text: 'kernels' }, ...outcomes.map(({ report }) => ({ text: report?.simd ?? '' }))],
    ...rows,
  ]);
}

function checkCell(check: string, outcome: Outcome, outcomes: readonly Outcome[]): Cell {
  if (outcome.skipped !== undefined) return { text: 'SKIPPED', color: pc.yellow };
  const text = outcome.report?.checks[check]?.slice(0, SHOWN) ?? 'FAILED';
  return { text, color: holds(check, outcome, outcomes) ? pc.green : pc.red };
}

function aligned(rows: readonly Cell[][]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].text.length)));
  return rows
    .map((row) => row.map(({ text, color = String }, i) => color(text.padEnd(widths[i]))).join('  '))
    .join('\n');
}

/** What is to be said of runtimes that did not run, and of checks that went wrong, a line each. */
export function remarks(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ runtime, report, skipped, failed }) => [
    ...(skipped === undefined ? [] : [`${runtime}: SKIPPED: ${skipped}`]),
    ...(failed === undefined ? [] : [`${runtime}: FAILED: ${failed}`]),
    ...Object.entries(report?.checks ?? {})
      .filter(([, value]) => value.startsWith('wrong'))
      .map(([check, value]) => `${runtime}: ${check}: ${value}`),
  ]);
}
