import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The same ending as this file's: .ts in the sources, .js where they are built. */
const THREAD = new URL(`./node-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** Starts a thread that the process does not wait for at its end; one that can't come up, as without its file, is none. */
export function startThread(setup: unknown): void {
  // Flags of the process may be such as a file does not take, as --input-type beside -e.
  const worker = new Worker(THREAD, { workerData: setup, execArgv: [] });
  worker.on('error', () => {});
  worker.unref();
}
