import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Crew } from '../engine/crew.ts';
import type { KernelBinaries } from '../engine/kernels.ts';
import type { ThreadSetup } from '../engine/thread.ts';

/** The same ending as this file's: .ts in the sources, .js where they are built. */
const THREAD = new URL(`./node-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

export const startCrew: KernelBinaries['startCrew'] = (threads, setup) => new Crew(threads, startThread, setup);

/** A thread that the process does not wait for at its end. */
function startThread(setup: ThreadSetup): void {
  // Flags of the process may be such as a file does not take, as --input-type beside -e.
  new Worker(THREAD, { workerData: setup, execArgv: [] }).unref();
}
