import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { residentBytes } from '../../test/runtimes/soak/resident-bytes.ts';
import { root } from '../files.ts';

/** Token ids of each sequence; bertwasm takes texts too. */
export type Batch = readonly (ArrayLike<number> | string)[];

/** The engine, a build or an option can't be had here. */
export class AbsentError extends Error {
  override name = 'AbsentError';
}

/** A classifier in a process of its own, which times itself. */
export class Peer {
  /** Milliseconds of all answers so far: CPU time of the thread that computes, and time by the clock. */
  readonly spent = { cpu: 0, wall: 0 };
  readonly #command: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: readonly string[]) {
    this.#command = [program, ...args].join(' ');
    this.#child = spawn(program, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => {}); // its end is told by `ask`
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Logits [B, L], sequence by sequence.
   *
   * @throws AbsentError where it can't be had here
   */
  async logits(batch: Batch): Promise<number[]> {
    const sequences = batch.map((sequence) => (typeof sequence === 'string' ? sequence : Array.from(sequence)));
    this.#child.stdin.write(`${JSON.stringify(sequences)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#command}: expected an answer, got the end of the process`);
    const { absent, logits, cpu, wall } = JSON.parse(value);
    if (absent !== undefined) throw new AbsentError(absent);
    this.spent.cpu += cpu;
    this.spent.wall += wall;
    return logits;
  }

  /** Most resident memory so far, MB of 10^6 bytes. */
  peakRss(): number {
    return residentBytes(this.#child.pid as number, 'VmHWM') / 1e6;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#child.once('close', () => resolve()));
    this.#child.stdin.end();
    return closed;
  }
}
