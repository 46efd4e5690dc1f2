import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import type { Goal, Row } from './rows.ts';

export interface Report {
  date: string;
  cpu: string;
  cores: number;
  /** What V8's relaxed dot needs to be exact. */
  avxVnni: boolean;
  node: string;
  onnxruntimeWeb: string;
  /** One-minute load average at the start and at the end. */
  load: [number, number];
  rows: Row[];
}

export function machine(): Pick<Report, 'cpu' | 'cores' | 'avxVnni' | 'node'> {
  let flags = '';
  try {
    flags = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {} // Linux only; elsewhere the flag reads false
  const found = cpus();
  return {
    cpu: found[0]?.model.trim() ?? 'unknown',
    cores: found.length,
    avxVnni: /\bavx_vnni\b/.test(flags),
    node: process.version,
  };
}

export const load = (): number => loadavg()[0];

export function markdown(report: Report): string {
  const table = [
    ['scenario', 'build', 'baseline', 'bertwasm', 'ratio', '95 %', 'pairs', 'goal'],
    ['---', '---', '--:', '--:', '--:', '---', '--:', '---'],
    ...report.rows.flatMap(cells),
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row, r) => {
    const padded = row.map((cell, c) => (r === 1 ? ruler(cell, widths[c]) : cell.padEnd(widths[c])));
    return `| ${padded.join(' | ')} |`;
  });
  const absent = report.rows.filter(({ result, goal }) => !result && goal);
  return [
    `${report.date}, ${report.cpu}, ${report.cores} cores, AVX-VNNI: ${report.avxVnni ? 'yes' : 'no'}, Node ${report.node}, ` +
      `onnxruntime-web ${report.onnxruntimeWeb}, load ${report.load.map((value) => value.toFixed(1)).join(' to ')}`,
    '',
    ...lines,
    '',
    ...(absent.length > 0
      ? [
          `${absent[0].build} build: ${absent[0].note}. Its goals can't be judged here: ` +
            `${absent.map(({ scenario, goal, unit }) => `${scenario} ${wanted(goal as Goal, unit)}`).join(', ')}.`,
          '',
        ]
      : []),
    ...report.rows.flatMap(({ build, accuracy }) =>
      accuracy
        ? [
            `Accuracy on the sentences: ${build} ${accuracy.bertwasm.toFixed(4)}, onnxruntime-web ${accuracy.baseline.toFixed(4)}.`,
            '',
          ]
        : [],
    ),
  ].join('\n');
}

/** bench/RESULTS.md. */
export function resultsPage(report: Report): string {
  return `# Benchmark results

Written by \`npm run bench -- --write\`. Both sides run on one thread in one process, step by step in turn, and are timed
by the CPU time of that thread; cold start is wall time and, like peak memory, taken from processes of their own. The
ratio is the median over the pairs of baseline / bertwasm, with a 95 % bootstrap interval. The baseline is onnxruntime-web
with the int8 file that \`bench/models/make.py\` makes of the same weights. Both get token ids; only the bertwasm processes
of cold start and memory load a tokenizer too. V8 compiles onnxruntime-web on all idle cores: with two, its cold start
takes 40 % less than beside other work.

In A/A rows the baseline is bertwasm itself, loaded a second time. From one load to the next the speed at 8 tokens differs
by up to 5 %, which no interval here can see: no ratio is known better than that.

${markdown(report)}`;
}

/** The cells of a row; none where its build did not run. */
function cells({ scenario, build, unit, goal, result }: Row): string[][] {
  if (!result) return [];
  const { baseline, candidate, speedup, interval, rounds } = result;
  const met = goal === undefined || ('ratio' in goal ? speedup >= goal.ratio : candidate <= goal.most);
  return [
    [
      scenario,
      build,
      `${figure(baseline)} ${unit}`,
      `${figure(candidate)} ${unit}`,
      `${speedup.toFixed(2)}x`,
      interval.map((end) => end.toFixed(2)).join('-'),
      `${rounds}`,
      goal === undefined ? '' : `${wanted(goal, unit)} ${met ? 'met' : 'missed'}`,
    ],
  ];
}

const wanted = (goal: Goal, unit: string): string => ('ratio' in goal ? `${goal.ratio}x` : `${goal.most} ${unit}`);
const figure = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const ruler = (mark: string, width: number): string =>
  mark === '--:' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);
