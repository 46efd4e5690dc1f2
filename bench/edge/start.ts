import { inTemporaryDirectory } from '../../test/runtimes/runners/temporary.ts';
import { startWorkerd } from '../../test/runtimes/runners/workerd-process.ts';
import { residentBytes } from '../../test/runtimes/soak/resident-bytes.ts';

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
export function measureStart(worker: string, model: string, body: string, flags: readonly string[]): Promise<Start> {
  return inTemporaryDirectory(async (directory) => {
    await using server = await startWorkerd(worker, model, directory, flags);
    const memory = (field: 'VmRSS' | 'VmHWM') => residentBytes(server.pid, field) / 1e6;
    const before = memory('VmRSS');
    const times: number[] = [];
    for (let i = 0; i < 10; i++) times.push(await ask(server.url, body));
    return { first: times[0], tenth: times[9], before, after: memory('VmRSS'), peak: memory('VmHWM') };
  });
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
