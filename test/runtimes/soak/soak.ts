import { fileURLToPath } from 'node:url';
import { inTemporaryDirectory } from '../runners/temporary.ts';
import { MOST_WASM_PAGES, startWorkerd } from '../runners/workerd-process.ts';
import { Unavailable } from '../runtime.ts';
import { COLLECT_EVERY, type Reading } from './growth.ts';
import { residentBytes } from './resident-bytes.ts';

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

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));
/** Requests until texts come again. */
const PERIOD = 200;
/** Words of the first of them: more than the model reads. The others are short, since it is requests that count. */
const LONG = 600;

/**
 * Serves a model in workerd, its WASM memory capped at 96 MiB, and asks for labels, one request after the other.
 *
 * @param counts of requests after which memory is read, ascending
 * @param worker its file
 * @throws Error where a request fails, or a text does not get the answer that it got before
 */
export function soak(model: string, counts: readonly number[], worker = WORKER): Promise<Soak> {
  if (process.platform !== 'linux') throw new Unavailable('resident memory is read from /proc, which Linux has');
  return inTemporaryDirectory(async (directory) => {
    await using server = await startWorkerd(worker, model, directory, ['--expose-gc', '--expose-statistics']);
    const collect = async () => JSON.parse(await ask(`${server.url}?pages=${MOST_WASM_PAGES + 1}`));
    const start = residentBytes(server.pid, 'VmRSS');
    const readings: Reading[] = [];
    const answers = new Map<string, string>();
    let memory = { wasm: 0, refused: false, kept: 0 };
    let longest = 0;
    let done = 0;
    for (const requests of counts) {
      for (; done < requests; done++) {
        const text = textOf(done);
        const answer = await ask(server.url, { method: 'POST', body: text });
        if (answer !== (answers.get(text) ?? answer)) throw new Error(`request ${done}: expected the answer of before`);
        answers.set(text, answer);
        longest = Math.max(longest, JSON.parse(answer).tokens);
        if ((done + 1) % COLLECT_EVERY === 0) await collect();
      }
      memory = await collect();
      readings.push({ requests, kept: memory.kept, resident: residentBytes(server.pid, 'VmRSS') });
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
