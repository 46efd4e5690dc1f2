import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pipeline, trainHead } from '../../src/platform/node.ts';
import { ROWS } from '../runtimes/inside/texts.mjs';
import type { Running } from './running.ts';
import { run, wranglerDev } from './wrangler.ts';

const TEXTS = ['A quiet, moving film.', 'I was billed two times.'];
const TOKEN = { authorization: 'Bearer local' };

// Wrangler takes seconds to start, on a machine that does much else too.
describe('the Worker', { timeout: 300_000 }, () => {
  let state: string;
  let worker: Running | undefined;
  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), 'bertwasm-worker-'));
    await run('npm', 'run', 'model');
    worker = await wranglerDev(state);
  }, 300_000);
  afterAll(async () => {
    await worker?.stop();
    await rm(state, { recursive: true });
  });

  async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(worker?.url + path, { method: 'POST', body: text, headers });
    return { status: response.status, json: await response.json() };
  }
  const keptHeads = (...args: string[]) =>
    run('npx', 'wrangler', 'kv', 'key', ...args, '--binding', 'HEADS', '--local', '--persist-to', state);

  test('labels as Node does; trains the head that Node trains from 200 posted rows, uses it at once and at the next start', async () => {
    const local = await pipeline('text-classification');
    expect(await post('/classify', { inputs: TEXTS })).toEqual({
      status: 200,
      json: await local(TEXTS, { top_k: null }),
    });

    const { head, metrics } = await trainHead(ROWS, { encoder: local, max_length: 64, validation_split: 0.2 });
    const trained = await post('/retrain', { rows: ROWS }, TOKEN);
    expect(trained).toEqual({ status: 200, json: { labels: ['billing', 'bug', 'praise'], metrics } });
    local.use(head);
    const expected = { status: 200, json: await local(TEXTS, { top_k: null }) };
    expect(await post('/classify', { inputs: TEXTS })).toEqual(expected);

    await worker?.stop();
    const key = `head-${head.config.encoder}`;
    expect(new Uint8Array(await keptHeads('get', key))).toEqual(head.save());
    // As of another model, which this Worker had before.
    const other = join(state, 'other-head');
    await writeFile(other, 'not for this encoder');
    await keptHeads('put', `head-${'0'.repeat(64)}`, '--path', other);
    worker = await wranglerDev(state);
    expect(await post('/classify', { inputs: TEXTS })).toEqual(expected);
  });

  test.each([
    ['another path', '/none', {}, TOKEN, 404, 'expected POST /classify or POST /retrain'],
    ['no token', '/retrain', { rows: ROWS }, {}, 401, 'expected the token of RETRAIN_TOKEN'],
    [
      'another token',
      '/retrain',
      { rows: ROWS },
      { authorization: 'Bearer other' },
      401,
      'expected the token of RETRAIN_TOKEN',
    ],
    ['no rows', '/retrain', {}, TOKEN, 400, 'rows: expected [{ "text": …, "label": … }, …]'],
    ['one row', '/retrain', { rows: ROWS.slice(0, 1) }, TOKEN, 400, 'labels: expected at least 2, got 1 ("billing")'],
    [
      'too many rows',
      '/retrain',
      { rows: Array(301).fill(ROWS[0]) },
      TOKEN,
      413,
      'rows: expected at most 300, got 301',
    ],
    ['no text', '/classify', { inputs: 5 }, {}, 400, 'texts: expected a string or an array of strings, got number'],
    [
      'too many texts',
      '/classify',
      { inputs: Array(33).fill('a') },
      {},
      413,
      'inputs: expected at most 32 texts, got 33',
    ],
    ['no JSON', '/classify', '{', {}, 400, 'expected a JSON object'],
    ['a long body', '/classify', 'x'.repeat(10_000_000), {}, 413, 'expected at most 1000000 bytes, got more'],
  ])('%s is refused', async (_what, path, body, headers, status, error) => {
    expect(await post(path, body, headers as Record<string, string>)).toEqual({ status, json: { error } });
  });

  test('the model is for the Worker alone', async () => {
    expect((await fetch(`${worker?.url}/config.json`)).status).toBe(404);
  });

  test('with the model in a bucket; one that does not load is no fault of the caller', async () => {
    const apart = join(state, 'r2');
    const bucket = await wranglerDev(apart, '--config', 'wrangler.r2.jsonc');
    const ask = () => fetch(`${bucket.url}/classify`, { method: 'POST', body: JSON.stringify({ inputs: TEXTS }) });
    try {
      expect((await ask()).status).toBe(500);
      await run('npm', 'run', 'bucket', '--', '--local', '--persist-to', apart);
      const local = await pipeline('text-classification');
      expect(await (await ask()).json()).toEqual(await local(TEXTS, { top_k: null }));
    } finally {
      await bucket.stop();
    }
  });
});
