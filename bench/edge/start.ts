import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorkerd } from '../../test/runtimes/runners/workerd-process.ts';

/** One workerd process from its start. */
export interface Start {
  /** Milliseconds from request to label, seen from outside: workerd stops its clocks inside a request. */
  first: number;
  tenth: number;
  /** Resident memory in MB of 10^6 bytes: of a worker that has not been asked, and after ten requests; the most it ever had. */
  before: number;
  after: number;
  peak: number;
}

/**
 * Starts a worker anew and asks it ten times.
 *
 * @param worker file of the worker
 * @param model directory of its model
 * @param body of each request
 * @param flags of V8, after those that limit WASM memory to 96 MiB
 */
export async function measureStart(
  worker: string,
  model: string,
  body: string,
  flags: readonly string[],
): Promise<Start> {
  const directory = await mkdtemp(join(tmpdir(), 'bertwasm-edge-'));
  try {
    await using server = await startWorkerd(worker, model, directory, flags);
    const before = memory(server.pid, 'VmRSS');
    const times: number[] = [];
    for (let i = 0; i < 10; i++) times.push(await ask(server.url, body));
    const [after, peak] = [memory(server.pid, 'VmRSS'), memory(server.pid, 'VmHWM')];
    return { first: times[0], tenth: times[9], before, after, peak };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function ask(url: string, body: string): Promise<number> {
  const begin = performance.now();
  const response = await fetch(url, { method: 'POST', body });
  const label = await response.text();
  const time = performance.now() - begin;
  if (!['POSITIVE', 'NEGATIVE', 'LABEL_0', 'LABEL_1'].includes(label)) {
    throw new Error(`${url}: expected a label, got HTTP ${response.status}: ${label}`);
  }
  return time;
}

function memory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kB] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kB) * 1024) / 1e6;
}
