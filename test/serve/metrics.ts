import { expect } from 'vitest';

/** What a server tells at /metrics. */
export async function metrics(url: string): Promise<string> {
  return (await fetch(new URL('/metrics', url))).text();
}

/** The same, asked until what is expected of it holds. */
export const metricsOf = (url: string) => expect.poll(() => metrics(url), { timeout: 30_000 });
