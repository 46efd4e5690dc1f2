import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import type { Result } from './results.ts';
import type { Roofline } from './scenarios/roofline.ts';

/** build/bench/results.json, and bench/results.json of the last full run. */
export interface Report {
  date: string;
  cpu: string;
  cores: number;
  /** What V8's relaxed dot needs to be exact. */
  avxVnni: boolean;
  node: string;
  /** Of the peers that were there. */
  versions: Record<string, string>;
  /** One-minute load average at the start and at the end. */
  load: [number, number];
  /** Minutes by the clock. */
  minutes: number;
  /** A few rounds, to see that it works. */
  quick: boolean;
  /** By the name of the scenario. */
  results: Record<string, Result[]>;
  roofline?: Roofline;
  /** Contestants that were left out, and why. */
  absent: Record<string, string>;
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
