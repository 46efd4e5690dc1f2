import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { workspace } from '../cli/bertwasm.ts';
import { metrics, metricsOf } from './metrics.ts';
import { HEAD, raw } from './raw.ts';

const { run, start } = workspace();

let child: ChildProcessWithoutNullStreams | undefined;
afterEach(() => child?.kill('SIGKILL'));

/** Starts `bertwasm serve` on a free port; gives its URL as it tells it. */
async function serve(...args: string[]): Promise<string> {
  child = start(['serve', '--model', 'own', '--port', '0', '--json', ...args]);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return JSON.parse(line).url;
}

const post = (url: string, body: BodyInit, signal?: AbortSignal) =>
  fetch(`${url}/predict`, { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal });
const GOOD = JSON.stringify({ inputs: 'a good film' });

/** A request that keeps the engine at work for long, with a batch for each text, and what allows it. */
const long = (texts: number) => JSON.stringify({ inputs: Array(texts).fill(['a good film']) });
const LONG_ALLOWED = ['--max-client-batch-size', '5000', '--max-batch-tokens', '1'];

async function answerOf(socket: Socket): Promise<string> {
  let answer = '';
  socket.setEncoding('utf8').on('data', (piece) => {
    answer += piece;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

test('answers over HTTP, whatever other clients do', async () => {
  const url = await serve('--body-timeout', '1', ...LONG_ALLOWED);
  expect((await post(url, GOOD)).status).toBe(200);

  const leaving = new AbortController();
  const left = post(url, long(5000), leaving.signal);
  await metricsOf(url).toMatch(/\nbertwasm_queue_texts [1-9]/);
  leaving.abort();
  await expect(left).rejects.toThrow();
  await metricsOf(url).toContain('\nbertwasm_requests_total{route="/predict",status="499"} 1\n');

  const slow = raw(url, `${HEAD}content-length: 100\r\n\r\n{"inputs`);
  const slower = raw(url, 'POST /predict HT');
  const late = Promise.all([answerOf(slow), answerOf(slower)]);
  const cut = raw(url, `${HEAD}content-length: 100\r\n\r\n{"inputs`);
  cut.write('": ', () => cut.destroy());

  expect((await post(url, 'x'.repeat(10_000_000))).status).toBe(413);
  expect((await post(url, new Uint8Array(1000).fill(0xff))).status).toBe(400);
  expect((await post(url, '{"inputs":')).status).toBe(400);
  expect((await post(url, JSON.stringify({ inputs: Array(10_000).fill(['a']) }))).status).toBe(413);
  for (const answer of await late) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(await answerOf(raw(url, 'junk\r\n\r\n'))).toMatch(/^HTTP\/1\.1 400 /);
  expect(await answerOf(raw(url, `GET /health HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(100_000)}\r\n\r\n`))).toMatch(
    /^HTTP\/1\.1 431 /,
  );
  for (const host of ['x:99999', 'x:y', '[', 'a b', '\xff', '']) {
    const answer = await answerOf(raw(url, `GET /health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  }
  for (const target of ['//', '*', 'http://', 'http://x:99999/none', '/%zz', '/\\', '//[']) {
    const answer = await answerOf(raw(url, `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  }
  expect((await post(url, GOOD)).status).toBe(200);
  await metricsOf(url).toContain('\nbertwasm_requests_total{route="/predict",status="499"} 2\n');
});

test('connections that come at once are all heard before the engine runs', async () => {
  const url = await serve();
  // While it is stopped the kernel takes them, so that they wait together, however slow this process is.
  child?.kill('SIGSTOP');
  const bytes = `${HEAD}connection: close\r\ncontent-length: ${GOOD.length}\r\n\r\n${GOOD}`;
  const sockets = Array.from({ length: 64 }, () => raw(url, bytes));
  const answers = sockets.map(answerOf);
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  child?.kill('SIGCONT');
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  const text = await metrics(url);
  expect(text).toContain('\nbertwasm_batch_texts_sum 64\n');
  const [, batches] = /\nbertwasm_batch_texts_count (\d+)\n/.exec(text) as RegExpExecArray;
  expect(Number(batches)).toBeLessThan(8);
});

test('a line of the log for each request, where it is asked for', async () => {
  const url = await serve('--log', '--max-length', '8');
  const lines = once((child as ChildProcessWithoutNullStreams).stderr.setEncoding('utf8'), 'data');
  expect((await post(url, JSON.stringify({ inputs: 'a good film and a good story' }))).status).toBe(422);
  expect(JSON.parse((await lines)[0])).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    method: 'POST',
    path: '/predict',
    status: 422,
    ms: expect.any(Number),
    texts: 0,
    tokens: 0,
    error: expect.stringMatching(/expected at most 8 tokens, got more/),
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it when what it has taken is answered', async (signal) => {
  const url = await serve(...LONG_ALLOWED);
  const answer = post(url, long(1000));
  await metricsOf(url).toMatch(/\nbertwasm_queue_texts [1-9]/);
  const exit = once(child as ChildProcessWithoutNullStreams, 'exit');
  child?.kill(signal);
  expect((await answer).status).toBe(200);
  expect(await exit).toEqual([0, null]);
  await expect(post(url, GOOD)).rejects.toThrow();
});

test('an address that is taken, or none, and options that are none', async () => {
  const { port } = new URL(await serve());
  expect(await run(['serve', '--model', 'own', '--port', port])).toEqual({
    stdout: '',
    stderr: `bertwasm: 127.0.0.1:${port}: expected an address to listen at, got EADDRINUSE\n`,
    code: 1,
  });
  expect(await run(['serve', '--model', 'own', '--host', '203.0.113.1', '--port', '0'])).toMatchObject({ code: 1 });
  for (const [option, value] of [
    ['--port', '65536'],
    ['--max-body-bytes', '0'],
    ['--queue-timeout', '-1'],
  ]) {
    const { code, stderr } = await run(['serve', '--model', 'own', option, value]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^bertwasm: option .* is invalid\. .*\n$/)]);
  }
});
