import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { pipeline } from '../../src/platform/node.ts';
import { runNpmProgram } from '../runtimes/runners/run-program.ts';
import { Unavailable } from '../runtimes/runtime.ts';
import { type Running, start } from './running.ts';

const TEXT = 'A quiet, moving film.';
const HEADERS = { 'content-type': 'application/json' };

/** Fetches the program that an example's own command names, where it is not here; the test is skipped where npm has none. */
async function fetchProgram(name: string, skip: (why: string) => never): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(`${directoryOf(name)}package.json`, 'utf8'));
  const [, version] = /--package=\w+@(\S+)/.exec(scripts.start) as RegExpExecArray;
  try {
    await runNpmProgram(name, version, ['--version']);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    skip(error.message);
  }
}

/** Starts an example by its own command, on a free port. */
function startExample(name: string): Promise<Running> {
  return start('npm', ['start', '--silent', '--', '0'], directoryOf(name), /Listening on (http:\S+)/);
}

function directoryOf(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url));
}

async function post(url: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method: 'POST', body: text, headers: HEADERS });
  return { status: response.status, json: await response.json() };
}

// npm may have to fetch Deno and Bun.
describe('an example', { timeout: 600_000 }, () => {
  let service: Running | undefined;
  // Here, since a test that runs out of time does not come to its own end.
  afterEach(async () => {
    await service?.stop();
    service = undefined;
  }, 60_000);

  test.for(['deno', 'bun'])(
    'in %s labels as Node does, and answers what it took before it ends',
    async (name, { skip }) => {
      await fetchProgram(name, skip);
      service = await startExample(name);
      const [predict, health] = ['predict', 'health'].map((path) => new URL(path, service?.url).href);
      const statusOf = async (url: string) => (await fetch(url)).status;
      const classify = await pipeline('text-classification');
      const expected = await classify(TEXT, { top_k: null });
      expect(await post(predict, { inputs: TEXT })).toEqual({ status: 200, json: expected });

      const half = request(predict, { method: 'POST', headers: HEADERS });
      const answer = once(half, 'response') as Promise<[IncomingMessage]>;
      await new Promise((sent) => half.write('{ "inputs": ', sent));
      expect(await statusOf(health)).toBe(200);
      const stopped = service.stop();
      while ((await statusOf(health)) !== 503) await wait(50);
      half.end(`${JSON.stringify(TEXT)} }`);
      const [response] = await answer;
      expect(response.statusCode).toBe(200);
      expect(JSON.parse((await response.toArray()).join(''))).toEqual(expected);
      await stopped;
    },
  );

  test('that ranks reviews says what it wants', async () => {
    service = await startExample('node-service');
    const { url } = service;
    const { json } = await post(url, [TEXT, 'Never again.']);
    expect((json as { review: string }[]).map(({ review }) => review)).toEqual(['Never again.', TEXT]);
    const refused = async (body: unknown, status: number, error: string) =>
      expect(await post(url, body)).toEqual({ status, json: { error } });
    await refused({ a: 1 }, 400, 'expected an array of reviews, got another value');
    await refused([5], 400, 'texts[0]: expected a string, got number');
    await refused('[', 400, 'expected JSON, got something else');
    await refused(Array(33).fill(''), 413, 'expected at most 32 reviews, got 33');
    await refused(['a'.repeat(10_000_000)], 413, 'expected at most 100000 characters, got more');
    expect((await fetch(url)).status).toBe(405);
  });
});
