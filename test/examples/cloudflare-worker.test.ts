import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pipeline, trainHead } from '../../src/platform/node.ts';
import { npmRun, type Running, wranglerDev } from './wrangler.ts';

const SENTENCES: Record<string, string[]> = {
  billing: ['I was charged twice.', 'Where is my invoice?', 'The refund has not come.', 'My card was declined.'],
  bug: ['The page stays blank.', 'Search shows an error.', 'The button does nothing.', 'It crashes on start.'],
};
const rows = Object.entries(SENTENCES).flatMap(([label, texts]) => texts.map((text) => ({ text, label })));
const TEXTS = ['A quiet, moving film.', 'I was billed two times.'];

let state: string;
let worker: Running;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'bertwasm-worker-'));
  await npmRun('model');
  worker = await wranglerDev(state);
}, 120_000);
afterAll(async () => {
  await worker.stop();
  await rm(state, { recursive: true });
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(worker.url + path, { method: 'POST', body: text, headers });
  return { status: response.status, json: await response.json() };
}
const TOKEN = { authorization: 'Bearer local' };

test('labels as Node does; a head that it trains is used at once, and kept for the next start', async () => {
  const local = await pipeline('text-classification');
  expect(await post('/classify', { inputs: TEXTS })).toEqual({
    status: 200,
    json: await local(TEXTS, { top_k: null }),
  });

  const { head, metrics } = await trainHead(rows, { encoder: local, validation_split: 0.2 });
  const trained = await post('/retrain', { rows }, TOKEN);
  expect(trained).toEqual({ status: 200, json: { labels: ['billing', 'bug'], metrics } });
  local.use(head);
  const expected = { status: 200, json: await local(TEXTS, { top_k: null }) };
  expect(await post('/classify', { inputs: TEXTS })).toEqual(expected);

  await worker.stop();
  worker = await wranglerDev(state);
  expect(await post('/classify', { inputs: TEXTS })).toEqual(expected);
});

test.each([
  ['another path', '/none', {}, TOKEN, 404, 'expected POST /classify or POST /retrain'],
  ['no token', '/retrain', { rows }, {}, 401, 'expected the token of RETRAIN_TOKEN'],
  [
    'another token',
    '/retrain',
    { rows },
    { authorization: 'Bearer other' },
    401,
    'expected the token of RETRAIN_TOKEN',
  ],
  ['no rows', '/retrain', {}, TOKEN, 400, 'rows: expected [{ "text": …, "label": … }, …]'],
  ['one row', '/retrain', { rows: rows.slice(0, 1) }, TOKEN, 400, 'labels: expected at least 2, got 1 ("billing")'],
  [
    'too many rows',
    '/retrain',
    { rows: Array(1001).fill(rows[0]) },
    TOKEN,
    413,
    'rows: expected at most 1000, got 1001',
  ],
  ['no text', '/classify', { inputs: 5 }, {}, 400, 'texts: expected a string or an array of strings, got number'],
  ['no JSON', '/classify', '{', {}, 400, 'expected a JSON object'],
  ['a long body', '/classify', 'x'.repeat(1_000_001), {}, 413, 'expected at most 1000000 bytes, got more'],
])('%s is refused', async (_what, path, body, headers, status, error) => {
  expect(await post(path, body, headers as Record<string, string>)).toEqual({ status, json: { error } });
});

test('the model is for the Worker alone', async () => {
  expect((await fetch(`${worker.url}/config.json`)).status).toBe(404);
});
