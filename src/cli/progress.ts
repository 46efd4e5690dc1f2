import type { Input } from './input.ts';

/** Work under this many milliseconds shows no bar. */
const QUIET = 1000;
const INTERVAL = 100;
const WIDTH = 24;

/** A bar on stderr for work over a second, where stderr is a terminal; elsewhere nothing is written. */
export class Progress {
  #started = performance.now();
  #drawn = this.#started + QUIET - INTERVAL;
  #visible = false;
  #read = 0;
  readonly #enabled: boolean;
  readonly #size: number | undefined;

  /** Watches the bytes of `input` go by. */
  static of(input: Input, enabled = true): { progress: Progress; input: Input } {
    const progress = new Progress(input.size, enabled);
    return { progress, input: { ...input, chunks: progress.#watch(input.chunks) } };
  }

  private constructor(size: number | undefined, enabled: boolean) {
    this.#size = size;
    this.#enabled = enabled && Boolean(process.stderr.isTTY);
  }

  async *#watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#read += chunk.length;
      yield chunk;
    }
  }

  /** Redraws the bar, at most ten times a second. */
  update(rows: number): void {
    const now = performance.now();
    if (!this.#enabled || now - this.#drawn < INTERVAL) return;
    this.#drawn = now;
    this.#visible = true;
    const rate = `${rows} rows, ${Math.round((1000 * rows) / (now - this.#started))}/s`;
    // A file may grow while it is read.
    process.stderr.write(`\r\x1b[K${this.#size ? `${bar(Math.min(1, this.#read / this.#size))} ` : ''}${rate}`);
  }

  /** Wipes the bar. */
  end(): void {
    if (this.#visible) process.stderr.write('\r\x1b[K');
  }
}

export function bar(part: number): string {
  const full = Math.round(WIDTH * part);
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${Math.round(100 * part)} %`;
}
