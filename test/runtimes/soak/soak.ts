import { readFileSync } from 'node:fs';
import { inside } from '../paths.ts';
import { inTemporaryDirectory } from '../runners/temporary.ts';
import { MOST_WASM_PAGES, startWorkerd } from '../runners/workerd-process.ts';
import { Unavailable } from '../runtime.ts';
import type { Reading } from './growth.ts';

/** What workerd took of memory while it served a model. */
export interface Soak {
  /** Bytes of the model's WASM memory. */
  wasm: number;
  /** Whether a memory of over 96 MiB was refused. */
  capped: boolean;
  /** Tokens of the longest text. */
  longest: number;
  /** Bytes, before the first request. */
  start: number;
  readings: Reading[];
}

/** Requests until texts come again. */
const PERIOD = 200;
/** Words of the first of them: more than the model reads. The others are short, since it is requests that count. */
const LONG = 600;

/**
 * Serves a model in workerd, its WASM memory capped at 96 MiB, and asks for labels, one request after the other.
 *
 * @param counts of requests after which memory is read, ascending
 * @throws Error where a request fails, or a text does not get the answer that it got before
 */
export function soak(model: string, counts: readonly number[]): Promise<Soak> {
  if (process.platform !== 'linux') throw new Unavailable('resident memory is read from /proc, which Linux has');
  return inTemporaryDirectory(async (directory) => {
    await using server = await startWorkerd(inside('soak-worker.mjs'), model, directory, ['--expose-gc']);
    const start = residentBytes(server.pid);
    const readings: Reading[] = [];
    const answers = new Map<string, string>();
    let memory = { wasm: 0, refused: false };
    let longest = 0;
    let done = 0;
    for (const requests of counts) {
      for (; done < requests; done++) {
        const text = textOf(done);
        const answer = await ask(server.url, { method: 'POST', body: text });
        if (answer !== (answers.get(text) ?? answer)) throw new Error(`request ${done}: expected the answer of before`);
        answers.set(text, answer);
        longest = Math.max(longest, JSON.parse(answer).tokens);
      }
      const found = residentBytes(server.pid);
      memory = JSON.parse(await ask(`${server.url}?pages=${MOST_WASM_PAGES + 1}`));
      readings.push({ requests, found, kept: residentBytes(server.pid) });
    }
    return { wasm: memory.wasm, capped: memory.refused, longest, start, readings };
  });
}

function textOf(request: number): string {
  const place = request % PERIOD;
  return 'word '.repeat(place === 0 ? LONG : place % 8);
}

async function ask(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`workerd: expected an answer, got HTTP ${response.status}: ${text}`);
  return text;
}

function residentBytes(pid: number): number {
  const [, kib] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
