import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { pipeline } from '../../src/platform/node.ts';
import { type Running, start } from './running.ts';

const TEXT = 'A quiet, moving film.';

/** Starts an example by its own command, on a free port. */
function startExample(name: string): Promise<Running> {
  const directory = fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url));
  return start('npm', ['start', '--silent', '--', '0'], directory, /Listening on (http:\S+)/);
}

async function post(url: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  return { status: response.status, json: await response.json() };
}

// npm fetches Deno and Bun first, where they are not here.
describe('an example', { timeout: 300_000 }, () => {
  test.each(['deno', 'bun'])('in %s labels as Node does, and answers what it took before it ends', async (name) => {
    const service = await startExample(name);
    try {
      const [predict, metrics] = ['predict', 'metrics'].map((path) => new URL(path, service.url).href);
      const classify = await pipeline('text-classification');
      const expected = { status: 200, json: await classify(TEXT, { top_k: null }) };
      expect(await post(predict, { inputs: TEXT })).toEqual(expected);

      const long = Array(8).fill(['word '.repeat(509)]);
      const taken = post(predict, { inputs: long });
      while (!/^bertwasm_queue_texts [1-9]/m.test(await (await fetch(metrics)).text())) await wait(5);
      await service.stop();
      expect((await taken).status).toBe(200);
    } finally {
      await service.stop();
    }
  });

  test('that ranks reviews says what it wants', async () => {
    const service = await startExample('node-service');
    try {
      const { json } = await post(service.url, [TEXT, 'Never again.']);
      expect((json as { review: string }[]).map(({ review }) => review)).toEqual(['Never again.', TEXT]);
      const refused = async (body: unknown, status: number, error: string) =>
        expect(await post(service.url, body)).toEqual({ status, json: { error } });
      await refused({ a: 1 }, 400, 'expected an array of reviews, got another value');
      await refused([5], 400, 'texts[0]: expected a string, got number');
      await refused('[', 400, 'expected JSON, got something else');
      await refused(Array(33).fill(''), 413, 'expected at most 32 reviews, got 33');
      await refused(['a'.repeat(100_000)], 413, 'expected at most 100000 characters, got more');
      expect((await fetch(service.url)).status).toBe(405);
    } finally {
      await service.stop();
    }
  });
});
