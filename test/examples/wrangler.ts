import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ENV, type Running, start } from './running.ts';

const WORKER = fileURLToPath(new URL('../../examples/cloudflare-worker/', import.meta.url));

/** Runs a program of the example to its end, and gives what it wrote. */
export async function run(program: string, ...args: string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(program, args, { cwd: WORKER, env: ENV, encoding: 'buffer' });
  return stdout;
}

/**
 * `wrangler dev` on a free port, with a state of its own.
 *
 * @param state directory of its KV and R2
 */
export function wranglerDev(state: string, ...args: string[]): Promise<Running> {
  const dev = ['wrangler', 'dev', '--var', 'RETRAIN_TOKEN:local', '--port', '0', '--persist-to', state, ...args];
  return start('npx', dev, WORKER, /Ready on (http:\S+)/);
}
