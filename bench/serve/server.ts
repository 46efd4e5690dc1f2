import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { residentBytes } from '../../test/runtimes/soak/resident-bytes.ts';
import { root } from '../files.ts';

/** `bertwasm serve` with the default model, in a process of its own. */
export class Server implements AsyncDisposable {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown[]>;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.#exit = once(process, 'exit');
    this.url = url;
  }

  static async start(): Promise<Server> {
    const child = spawn(process.execPath, [`${root}dist/node/main.js`, 'serve', '--port', '0', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    return new Server(child, JSON.parse(line).url);
  }

  /** Resident memory in MB of 10^6 bytes. */
  rss(): number {
    return residentBytes(this.#process.pid as number, 'VmRSS') / 1e6;
  }

  /** @throws where it does not end as it should */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM');
    const [code] = await this.#exit;
    if (code !== 0) throw new Error(`server: expected exit code 0, got ${code}`);
  }
}
