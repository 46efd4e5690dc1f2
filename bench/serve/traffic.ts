import { readFileSync } from 'node:fs';
import autocannon, { type Options } from 'autocannon';
import { sentencesFile } from '../files.ts';

export interface Traffic {
  connections: number;
  requests: number;
  /** A second. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** A request for each sentence of SST-2 dev. */
function requests(): Options['requests'] {
  const lines = readFileSync(sentencesFile, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => ({
    method: 'POST',
    path: '/predict',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: line.slice(line.indexOf('\t') + 1) }),
  }));
}

const all = requests();

/**
 * Real sentences over so many connections, each with a request under way at any time.
 *
 * @throws where a request has no answer of status 200
 */
export async function send(
  url: string,
  connections: number,
  bound: Pick<Options, 'duration' | 'amount'>,
): Promise<Traffic> {
  // Each connection begins at another sentence, or all would ask the same at once.
  let begun = 0;
  const result = await autocannon({
    url,
    connections,
    timeout: 30,
    requests: all,
    setupClient(client) {
      const first = Math.floor((all.length * begun++) / connections);
      client.setRequests([...all.slice(first), ...all.slice(0, first)]);
    },
    ...bound,
  });
  const { errors, timeouts, non2xx } = result;
  if (errors + timeouts + non2xx > 0) {
    throw new Error(`traffic: expected answers of status 200, got ${JSON.stringify({ errors, timeouts, non2xx })}`);
  }
  const { total } = result.requests;
  const { p50, p99 } = result.latency;
  return { connections, requests: total, rate: total / result.duration, p50, p99 };
}
