import type { Server } from './server.ts';
import { send } from './traffic.ts';

const CONNECTIONS = 8;
/** Requests after each of which memory is looked at, of `requests` in all. */
const STEPS = 25;

export interface Soak {
  /** Resident memory of the server in MB, after so many requests. */
  samples: { requests: number; rss: number }[];
  /** The highest of the second half over the highest of the first. */
  growth: number;
}

/** Many requests to one server, its memory sampled. */
export async function soak(server: Server, requests: number): Promise<Soak> {
  const samples = [{ requests: 0, rss: server.rss() }];
  for (let step = 1; step <= STEPS; step++) {
    await send(server.url, CONNECTIONS, { amount: requests / STEPS });
    samples.push({ requests: (step * requests) / STEPS, rss: server.rss() });
    console.error(`${samples[step].requests} requests, ${samples[step].rss.toFixed(0)} MB`);
  }
  const highest = (part: typeof samples) => Math.max(...part.map(({ rss }) => rss));
  const half = Math.ceil(samples.length / 2);
  return { samples, growth: highest(samples.slice(half)) / highest(samples.slice(0, half)) };
}
