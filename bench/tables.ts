import type { Report } from './report.ts';
import { type Goal, met, type Ratio, type Result } from './results.ts';
import { table } from './table.ts';

/** What each scenario measures. */
const TITLES: Record<string, string> = {
  latency: 'DistilBERT-base shape, one thread, CPU time of a call (sequences x tokens)',
  texts: "Real text, a MiniLM of the default model's shape, one thread, CPU time of a text",
  threads: 'Two threads, by the clock',
  processes: 'DistilBERT-base, a process of its own',
  size: 'What a page loads',
};

/** All figures of a report: for each scenario the medians by contestant, then the ratios. */
export function tables(report: Report): string {
  const parts = [headline(report)];
  for (const [name, results] of Object.entries(report.results)) {
    parts.push(`### ${TITLES[name]}`, medians(results), ...ratios(results), ...open(results), ...notes(results));
  }
  const { roofline } = report;
  if (roofline) {
    parts.push(
      '### Roofline',
      `${roofline.build} build, one thread: dot product on registers ${figure(roofline.ceiling)} GMAC/s, memory ` +
        `${figure(roofline.bandwidth)} GB/s.`,
      table(
        ['sequences x tokens', 'GMAC/s', 'of the ceiling'],
        [...roofline.lengths, ...roofline.batches].map(({ sequences, tokens, gmacs }) => [
          `${sequences} x ${tokens / sequences}`,
          figure(gmacs),
          `${((100 * gmacs) / roofline.ceiling).toFixed(0)} %`,
        ]),
        (column) => column > 0,
      ),
    );
  }
  const absent = Object.entries(report.absent);
  if (absent.length > 0) parts.push('### Left out', absent.map(([name, why]) => `- ${name}: ${why}`).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function headline({ date, cpu, cores, avxVnni, node, versions, load, minutes, quick }: Report): string {
  const engines = Object.entries(versions).map(([name, version]) => `, ${name} ${version}`);
  return (
    `${date}, ${cpu}, ${cores} cores, AVX-VNNI: ${avxVnni ? 'yes' : 'no'}, Node ${node}${engines.join('')}; load ` +
    `${load.map((value) => value.toFixed(1)).join(' to ')}, ${minutes.toFixed(0)} minutes` +
    (quick ? '. A few rounds only, to see that it works: no figure here is a result.' : '.')
  );
}

function medians(results: readonly Result[]): string {
  const names = [...new Set(results.flatMap((result) => Object.keys(result.medians)))];
  const cell = (result: Result, name: string) => {
    const value = result.medians[name];
    return value === undefined ? '' : `${figure(value)} ${result.unit}`;
  };
  return table(
    ['', ...names],
    results.map((result) => [result.scenario, ...names.map((name) => cell(result, name))]),
    (column) => column > 0,
  );
}

function ratios(results: readonly Result[]): string[] {
  const rows = results.flatMap(({ scenario, unit, ratios }) =>
    ratios.flatMap((ratio) => {
      const { baseline, candidate, goal, comparison } = ratio;
      if (!comparison) return [];
      const { speedup, interval, rounds } = comparison;
      const verdict = goal ? `${wanted(goal, unit)} ${met(ratio) ? 'met' : 'missed'}` : '';
      const ends = interval.map((end) => end.toFixed(2)).join('-');
      return [[scenario, `${baseline} / ${candidate}`, `${speedup.toFixed(2)}x`, ends, `${rounds}`, verdict]];
    }),
  );
  if (rows.length === 0) return [];
  return [table(['', 'ratio of', 'ratio', '95 %', 'pairs', 'goal'], rows, (column) => column === 2 || column === 4)];
}

/** Goals that nothing here can be held against. */
function open(results: readonly Result[]): string[] {
  const goals = results.flatMap(({ scenario, unit, ratios }) =>
    ratios
      .filter((ratio): ratio is Ratio & { goal: Goal } => ratio.goal !== undefined && !ratio.comparison)
      .map(({ baseline, candidate, goal }) => {
        const against = 'ratio' in goal ? ` over ${baseline}` : '';
        return `${candidate}, ${scenario}: ${wanted(goal, unit)}${against}`;
      }),
  );
  return goals.length > 0 ? [`Goals that can't be judged here: ${goals.join('; ')}.`] : [];
}

function notes(results: readonly Result[]): string[] {
  const list = (figures: Record<string, number>, digits: number) =>
    Object.entries(figures)
      .map(([name, value]) => `${name} ${value.toFixed(digits)}`)
      .join(', ');
  return results.flatMap(({ scenario, accuracy, batches }) => [
    ...(batches ? [`${scenario}, texts of a batch: ${list(batches, 0)}.`] : []),
    ...(accuracy ? [`${scenario}, accuracy: ${list(accuracy, 4)}.`] : []),
  ]);
}

const wanted = (goal: Goal, unit: string): string => ('ratio' in goal ? `${goal.ratio}x` : `${goal.most} ${unit}`);
const figure = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
