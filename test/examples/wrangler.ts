import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const WORKER = fileURLToPath(new URL('../../examples/cloudflare-worker/', import.meta.url));

/** Nothing of wrangler's own goes out. */
const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' };

/** Runs a script of the example's package.json to its end. */
export async function npmRun(...args: string[]): Promise<void> {
  await promisify(execFile)('npm', ['run', ...args], { cwd: WORKER, env });
}

export interface Running {
  url: string;
  stop(): Promise<void>;
}

/**
 * `wrangler dev` on a free port, with a state of its own.
 *
 * @param state directory of its KV and R2
 */
export async function wranglerDev(state: string, ...args: string[]): Promise<Running> {
  const child = spawn('npx', ['wrangler', 'dev', '--port', '0', '--persist-to', state, ...args], {
    cwd: WORKER,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // npx, wrangler and workerd are stopped together, by their group
  });
  try {
    const url = await readyUrl(child);
    return { url, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function readyUrl(child: ChildProcess): Promise<string> {
  let said = '';
  const ready = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, url] = /Ready on (http:\S+)/.exec(said) ?? [];
        if (url) resolve(url);
      });
    }
    child.once('exit', () => reject(new Error(`wrangler dev: expected it to be ready, got its end: ${said}`)));
  });
  return ready;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  process.kill(-(child.pid as number));
  await exit;
}
