import { bun } from './runners/bun.ts';
import { chromium } from './runners/chromium.ts';
import { deno } from './runners/deno.ts';
import { node } from './runners/node.ts';
import { workerd } from './runners/workerd.ts';
import type { Runtime } from './runtime.ts';

/** Versions of npm packages that bring the programs. */
export const RUNTIMES: readonly Runtime[] = [
  node('20.20.2'),
  node('22.23.3'),
  node('24.21.0'),
  deno('2.9.6'),
  bun('1.4.5'),
  workerd,
  chromium,
];
