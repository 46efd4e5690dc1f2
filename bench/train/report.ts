import type { machine } from '../report.ts';
import { median } from '../statistics.ts';
import type { FullRow } from './full.ts';
import type { StepsRow } from './steps.ts';
import type { WholeRow } from './whole.ts';

export type TrainReport = ReturnType<typeof machine> & {
  date: string;
  /** One-minute load average at the start and at the end. */
  load: [number, number];
  steps?: StepsRow[];
  whole?: WholeRow[];
  full?: FullRow[];
};

/** Seconds, by the clock, that all of training on 2,000 short rows, the first set, may take on one core. */
const MOST_SECONDS = 15;
/** How many times faster the second epoch must be. */
const LEAST_RATIO = 50;

export function markdown({ date, cpu, cores, node, load, steps, whole, full }: TrainReport): string {
  const lines = [
    `${date}, ${cpu}, ${cores} cores, Node ${node}${steps ? `, torch ${steps[0].torch}` : ''}, load ` +
      load.map((value) => value.toFixed(1)).join(' to '),
    '',
  ];
  if (steps) {
    lines.push(
      'Steps a second on one thread, by the CPU time of each side, in turn; ratio: median over the pairs, with a 95 %',
      'bootstrap interval.',
      '',
      '| head | P -> L | vectors a step | torch | bertwasm | ratio | 95 % | pairs |',
      '| --- | --- | --: | --: | --: | --: | --- | --: |',
      ...steps.map(stepsLine),
      '',
    );
  }
  if (whole) {
    lines.push(
      '`bertwasm train` with its defaults, pinned to one core, from start to end, the goal being one of time by the clock; and the',
      'CPU time of the first epoch, with the features of all rows, and of the second.',
      '',
      '| rows | tokens | wall | CPU | goal | epoch 1 | epoch 2 | ratio | goal |',
      '| --- | --: | --: | --: | --- | --: | --: | --: | --- |',
      ...whole.map(wholeLine),
      '',
    );
  }
  if (full) {
    lines.push(
      'A step on all parameters of MiniLM (6 x 384), 16 rows x 64 tokens, one thread: CPU time of torch 2.15 with transformers 5.24,',
      'and of our graph in ONNX Runtime, in turn.',
      '',
      '| attention in torch | torch | bertwasm | times torch | goal | 95 % | pairs |',
      '| --- | --: | --: | --: | --- | --: | --: |',
      ...full.map(fullLine),
      '',
    );
  }
  return lines.join('\n');
}

/** Times torch's CPU time that a full step may take, attention as torch's eager mode has it. */
const MOST_TIMES = 1.4;

function fullLine({ attention, result }: FullRow): string {
  const { baseline, candidate, speedup, interval, rounds } = result;
  const times = 1 / speedup;
  const goal = attention === 'eager' ? `${MOST_TIMES}x ${times <= MOST_TIMES ? 'met' : 'missed'}` : '';
  const ends = interval.map((end) => (1 / end).toFixed(2)).reverse();
  const cells = [
    attention,
    `${baseline.toFixed(0)} ms`,
    `${candidate.toFixed(0)} ms`,
    `${times.toFixed(2)}x`,
    goal,
    ends.join('-'),
    `${rounds}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function stepsLine({ head, shape, result }: StepsRow): string {
  const { baseline, candidate, speedup, interval, rounds } = result;
  const perSecond = (ms: number) => (1000 / ms).toFixed(0);
  const path = shape.head === 'distilbert' ? [shape.width, shape.dim, shape.labels] : [shape.width, shape.labels];
  const cells = [
    head,
    path.join(' -> '),
    `${shape.batch}`,
    perSecond(baseline),
    perSecond(candidate),
    `${speedup.toFixed(2)}x`,
    interval.map((end) => end.toFixed(2)).join('-'),
    `${rounds}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function wholeLine({ name, rows, tokens, command, epochs }: WholeRow, index: number): string {
  const cpu = median(command.cpu);
  const ratio = median(epochs.first.map((ms, run) => ms / epochs.second[run]));
  const met = (passed: boolean) => (passed ? 'met' : 'missed');
  const cells = [
    `${rows} ${name}`,
    `${tokens}`,
    `${median(command.wall).toFixed(1)} s`,
    `${cpu.toFixed(1)} s`,
    index === 0 ? `${MOST_SECONDS} s ${met(median(command.wall) < MOST_SECONDS)}` : '',
    `${(median(epochs.first) / 1000).toFixed(1)} s`,
    `${median(epochs.second).toFixed(0)} ms`,
    `${ratio.toFixed(0)}x`,
    `${LEAST_RATIO}x ${met(ratio >= LEAST_RATIO)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}
