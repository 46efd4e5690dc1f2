import type { Soak } from './soak.ts';
import type { Traffic } from './traffic.ts';

export interface ServeReport {
  date: string;
  cpu: string;
  cores: number;
  node: string;
  /** One-minute load average at the start and at the end. */
  load: [number, number];
  traffic: Traffic[];
  soak: Soak;
}

export function markdown({ date, cpu, cores, node, load, traffic, soak }: ServeReport): string {
  return [
    `${date}, ${cpu}, ${cores} cores, Node ${node}, load ${load.map((value) => value.toFixed(1)).join(' to ')}`,
    '',
    '| connections | requests | a second | p50 | p99 |',
    '| --: | --: | --: | --: | --: |',
    ...traffic.map(
      ({ connections, requests, rate, p50, p99 }) =>
        `| ${connections} | ${requests} | ${rate.toFixed(0)} | ${p50} ms | ${p99} ms |`,
    ),
    '',
    `Memory of the server, on 8 connections: the highest of the second half of the requests is ${soak.growth.toFixed(3)} ` +
      'times that of the first.',
    '',
    '| requests | resident |',
    '| --: | --: |',
    ...soak.samples
      .filter((_, i) => i % 5 === 0 || i === 1)
      .map(({ requests, rss }) => `| ${requests} | ${rss.toFixed(0)} MB |`),
    '',
  ].join('\n');
}
