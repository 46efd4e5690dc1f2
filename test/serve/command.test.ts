import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { workspace } from '../cli/bertwasm.ts';

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

/** Bytes straight to the socket, as no HTTP client would send them. */
function raw(url: string, bytes: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // A server that ends it with bytes unread resets it, after its answer.
  socket.on('error', () => {});
  socket.write(bytes);
  return socket;
}

async function answerOf(socket: Socket): Promise<string> {
  let answer = '';
  socket.setEncoding('utf8').on('data', (piece) => {
    answer += piece;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}
const HEAD = 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

test('answers over HTTP, whatever other clients do', async () => {
  const url = await serve('--body-timeout', '1');
  expect((await post(url, GOOD)).status).toBe(200);

  const slow = raw(url, `${HEAD}content-length: 100\r\n\r\n{"inputs`);
  const slower = raw(url, 'POST /predict HT');
  const late = Promise.all([answerOf(slow), answerOf(slower)]);
  const cut = raw(url, `${HEAD}content-length: 100\r\n\r\n{"inputs`);
  cut.destroy();
  const leaving = new AbortController();
  const left = post(url, JSON.stringify({ inputs: Array(32).fill(['a good film']) }), leaving.signal);
  leaving.abort();
  await expect(left).rejects.toThrow();

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
});

test('connections that come at once are all heard before the engine runs', async () => {
  const url = await serve();
  const answers = Array.from({ length: 64 }, () =>
    answerOf(raw(url, `${HEAD}connection: close\r\ncontent-length: ${GOOD.length}\r\n\r\n${GOOD}`)),
  );
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('\nbertwasm_batch_texts_sum 64\n');
  const [, batches] = /\nbertwasm_batch_texts_count (\d+)\n/.exec(metrics) as RegExpExecArray;
  expect(Number(batches)).toBeLessThan(32);
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
  const url = await serve();
  const inputs = Array(32).fill(['a good film '.repeat(15)]);
  const answer = post(url, JSON.stringify({ inputs }));
  // Taken: the queue or the engine has it.
  for (let taken = false; !taken; ) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    taken = /bertwasm_batch_texts_count [1-9]/.test(metrics) || /bertwasm_queue_texts [1-9]/.test(metrics);
  }
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
