import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { root } from '../files.ts';

/** `bertwasm serve` with the default model, in a process of its own. */
export class Server {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(): Promise<Server> {
    const child = spawn(process.execPath, [`${root}dist/cli/main.js`, 'serve', '--port', '0', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    return new Server(child, JSON.parse(line).url);
  }

  /** Resident memory, in MB. */
  rss(): number {
    const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#process.pid}/status`, 'utf8')) ?? [];
    return Number(kB) / 1024;
  }

  /** @throws where it does not end as it should */
  async stop(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const [code] = await exit;
    if (code !== 0) throw new Error(`server: expected exit code 0, got ${code}`);
  }
}
