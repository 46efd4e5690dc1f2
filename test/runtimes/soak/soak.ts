import { readFileSync } from 'node:fs';
import { inside } from '../paths.ts';
import { inTemporaryDirectory } from '../runners/temporary.ts';
import { MOST_WASM_PAGES, startWorkerd } from '../runners/workerd-process.ts';
import { Unavailable } from '../runtime.ts';

/** What workerd took of memory while it served a model. Bytes. */
export interface Soak {
  /** WASM memory of the model; at most 96 MiB, or it would not have loaded. */
  wasm: number;
  /** Whether a larger memory was refused. */
  capped: boolean;
  /** Resident memory of the process after so many requests. */
  resident: Map<number, number>;
  /** Tokens of the longest text. */
  longest: number;
}

/** Requests until texts come again. */
const PERIOD = 40;
/** Words of the first, and then of one in {@link PERIOD}: more than the model reads. */
const LONG = 600;

/**
 * Serves a model in workerd, its WASM memory capped, and asks for labels, one request after the other.
 *
 * @param counts of requests after which memory is read, ascending; 0 is before the first
 * @throws Error where a request fails, or a text does not get the answer that it got before
 */
export function soak(model: string, counts: readonly number[]): Promise<Soak> {
  if (process.platform !== 'linux') throw new Unavailable('resident memory is read from /proc, which Linux has');
  return inTemporaryDirectory(async (directory) => {
    await using server = await startWorkerd(inside('soak-worker.mjs'), model, directory);
    const resident = new Map<number, number>();
    const answers = new Map<string, string>();
    let longest = 0;
    let done = 0;
    for (const count of counts) {
      for (; done < count; done++) {
        const text = textOf(done);
        const answer = await ask(server.url, { method: 'POST', body: text });
        if (answer !== (answers.get(text) ?? answer)) throw new Error(`request ${done}: expected the answer of before`);
        answers.set(text, answer);
        longest = Math.max(longest, JSON.parse(answer).tokens);
      }
      resident.set(count, residentBytes(server.pid));
    }
    const { wasm, refused } = JSON.parse(await ask(`${server.url}?pages=${MOST_WASM_PAGES + 1}`));
    return { wasm, capped: refused, resident, longest };
  });
}

function textOf(request: number): string {
  const place = request % PERIOD;
  return 'word '.repeat(place === 0 ? LONG : place);
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
