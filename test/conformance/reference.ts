import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { venvPython } from '../venv.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

export interface Batch {
  inputs: (string | [string, string])[];
  truncation?: { max_length: number; stride: number; strategy: string };
  special?: boolean;
  /** Only ids and offsets come back. */
  brief?: boolean;
}

/** ids, offsets in code points, type ids, word ids, special tokens mask, tokens, overflowing; or the first two. */
export type Answer = [number[], number[], number[]?, (number | null)[]?, number[]?, string[]?, Answer[]?];

/** Python `tokenizers` in a process of its own, in a virtual environment made on first use. */
export class Reference {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.#process = spawn(venvPython('conformance', `${HERE}requirements.txt`), [`${HERE}reference.py`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  tokenizer(json: unknown): void {
    this.#send({ tokenizer: json });
  }

  async encode(batch: Batch): Promise<Answer[]> {
    this.#send(batch);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the reference process ended');
    return JSON.parse(value);
  }

  close(): void {
    this.#process.stdin?.end();
  }

  #send(message: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(message)}\n`);
  }
}
