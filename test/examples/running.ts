import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Nothing of wrangler's own goes out. */
export const ENV = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' };

/** Milliseconds: npm may have to fetch the program. */
const READY_WITHIN = 240_000;
const END_WITHIN = 20_000;

export interface Running {
  url: string;
  /** @throws where SIGTERM does not end all of it */
  stop(): Promise<void>;
}

/**
 * Starts a program that serves, with what it starts itself, as one group.
 *
 * @param ready what it prints when it listens, with its URL as the first group
 */
export async function start(command: string, args: readonly string[], cwd: string, ready: RegExp): Promise<Running> {
  const child = spawn(command, args, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  // Not `exit`: npm may be gone while what it started still runs, and holds these pipes.
  const ended = once(child, 'close');
  let said = '';
  const url = await new Promise<string | undefined>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, found] = ready.exec(said) ?? [];
        if (found) resolve(found);
      });
    }
    const timer = setTimeout(resolve, READY_WITHIN, undefined);
    ended.finally(() => resolve(undefined)).finally(() => clearTimeout(timer));
  });
  if (url === undefined) {
    signalGroup(child.pid, 'SIGKILL');
    throw new Error(`${command} ${args.join(' ')}: expected ${ready}, got ${said}`);
  }
  return {
    url,
    async stop() {
      let killed = false;
      const timer = setTimeout(() => {
        killed = true;
        signalGroup(child.pid, 'SIGKILL');
      }, END_WITHIN);
      signalGroup(child.pid, 'SIGTERM');
      await ended;
      clearTimeout(timer);
      if (killed) throw new Error(`${command} ${args.join(' ')}: expected its end after SIGTERM, got none`);
    },
  };
}

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    process.kill(-(leader as number), signal);
  } catch {
    // It has ended.
  }
}
