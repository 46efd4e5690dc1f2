import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { pipeline } from '../../src/platform/node.ts';
import { createHandler, type Handler } from '../../src/serve/handler.ts';
import { VERSION } from '../../src/version.ts';
import { tinyOwnModel } from '../fixtures/tiny-model.ts';
import { documented } from './document.ts';

const own = await tinyOwnModel();
const classify = await pipeline('text-classification', own);
const handler = createHandler(classify, { maxQueueTokens: 200, bodyTimeout: 1 });
afterAll(() => classify.dispose());

/** The pipeline, with something that its engine does ahead of each batch. */
const withDetails = (first: (texts: readonly string[]) => unknown) => {
  const details: typeof classify.details = async (texts, options) => {
    await first(texts);
    return classify.details(texts, options);
  };
  return new Proxy(classify, { get: (target, name) => (name === 'details' ? details : Reflect.get(target, name)) });
};

const checks = new Map<Handler, ReturnType<typeof documented>>();
/** The check of a handler's responses. It is made once, since compiling the document takes longer than any request. */
async function checkOf(server: Handler) {
  const made = checks.get(server) ?? documented(await (await server(new Request('http://host/openapi.json'))).json());
  checks.set(server, made);
  return made;
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function ask(
  method: string,
  path: string,
  body?: BodyInit,
  headers: Record<string, string> = JSON_TYPE,
  to = handler,
) {
  const response = await to(
    new Request(`http://host${path}`, {
      method,
      body,
      headers,
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    } as RequestInit),
  );
  const check = await checkOf(to);
  await check(method, path, response);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
const post = (path: string, body: unknown, to = handler) => ask('POST', path, JSON.stringify(body), JSON_TYPE, to);

describe('POST /predict', () => {
  it("gives the pipeline's labels, alone and in any company", async () => {
    const texts = ['a good film', 'not a good film', 'x', 'a film', 'good good good'];
    const expected = await classify(texts, { top_k: null });
    const answers = await Promise.all(texts.map((inputs) => post('/predict', { inputs })));
    expect(answers.map(({ body }) => body)).toEqual(expected);
    expect((await post('/predict', { inputs: texts.map((text) => [text]) })).body).toEqual(expected);
    const raw = await classify(texts, { top_k: null, function_to_apply: 'none' });
    expect((await post('/predict', { inputs: texts.map((text) => [text]), raw_scores: true })).body).toEqual(raw);
  });

  it('cuts what is too long, where it may', async () => {
    const inputs = 'good '.repeat(1000);
    const refused = await post('/predict', { inputs });
    expect(refused.status).toBe(422);
    expect(refused.body).toEqual({
      error: 'text 0: expected at most 64 tokens, got more; truncate: true cuts it',
      error_type: 'Validation',
    });
    expect((await post('/predict', { inputs, truncate: true })).body).toEqual(await classify(inputs, { top_k: null }));
  });

  it('gives entities where the model labels tokens', async () => {
    const tag = await pipeline('token-classification', await tinyOwnModel('token'));
    const tagger = createHandler(tag);
    const text = 'a good film';
    expect((await post('/predict', { inputs: text }, tagger)).body).toEqual(
      await tag(text, { aggregation_strategy: 'simple' }),
    );
    expect((await post('/predict', { inputs: text, raw_scores: true }, tagger)).status).toBe(422);
    expect((await post('/embed', { inputs: text }, tagger)).status).toBe(200);
  });

  it('needs a head', async () => {
    const encoder = createHandler(await pipeline('feature-extraction', await tinyOwnModel('none')));
    expect((await post('/predict', { inputs: 'a' }, encoder)).status).toBe(424);
    expect((await post('/embed', { inputs: 'a' }, encoder)).status).toBe(200);
  });
});

it("POST /embed gives the encoder's means, of length 1 or as they are", async () => {
  const features = await pipeline('feature-extraction', own);
  const texts = ['a good film', 'a'];
  for (const normalize of [true, false]) {
    const expected = (await features(texts, { pooling: 'mean', normalize })).tolist();
    expect((await post('/embed', { inputs: texts, normalize })).body).toEqual(expected);
  }
  expect((await post('/embed', { inputs: 'a' })).body).toEqual([
    (await post('/embed', { inputs: ['x', 'a'] })).body[1],
  ]);
});

describe('what is refused', () => {
  const many = Array(33).fill(['a']);
  it.each<[string, unknown, number, string]>([
    ['/predict', {}, 422, 'Validation'],
    ['/predict', [], 422, 'Validation'],
    ['/predict', null, 422, 'Validation'],
    ['/predict', { inputs: 5 }, 422, 'Validation'],
    ['/predict', { inputs: null }, 422, 'Validation'],
    ['/predict', { inputs: [] }, 400, 'Empty'],
    ['/predict', { inputs: ['a', 'b'] }, 422, 'Validation'],
    ['/predict', { inputs: [['a', 'b']] }, 422, 'Validation'],
    ['/predict', { inputs: [[]] }, 422, 'Validation'],
    ['/predict', { inputs: [[5]] }, 422, 'Validation'],
    ['/predict', { inputs: many }, 413, 'Validation'],
    ['/predict', { inputs: 'a', truncate: 'yes' }, 422, 'Validation'],
    ['/predict', { inputs: 'a', raw_scores: 1 }, 422, 'Validation'],
    ['/predict', { inputs: 'a', truncation_direction: 'left' }, 422, 'Validation'],
    ['/predict', { inputs: '\ud800' }, 422, 'Validation'],
    ['/predict', { inputs: '' }, 400, 'Empty'],
    ['/embed', { inputs: [] }, 400, 'Empty'],
    ['/embed', { inputs: [1, 2] }, 422, 'Validation'],
    ['/embed', { inputs: 'a', dimensions: 5 }, 422, 'Validation'],
    ['/embed', { inputs: 'a', prompt_name: 'query' }, 422, 'Validation'],
    ['/embed', { inputs: 'a', truncate: null }, 200, ''],
  ])('%s of %j: %i %s', async (path, json, status, type) => {
    const answer = await post(path, json);
    expect(answer.status).toBe(status);
    if (type) expect(answer.body).toEqual({ error: expect.stringMatching(/expected .*, got /), error_type: type });
  });

  it.each<[string, BodyInit | undefined, Record<string, string>, number]>([
    ['no type', 'x', {}, 415],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415],
    ['no JSON', '{', JSON_TYPE, 400],
    ['no body', undefined, JSON_TYPE, 400],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), JSON_TYPE, 400],
    ['JSON 100,000 deep', '['.repeat(100_000), JSON_TYPE, 400],
    ['deep JSON that is well-formed', `{"inputs":${'['.repeat(5000)}${']'.repeat(5000)}}`, JSON_TYPE, 422],
    ['a long body', 'x'.repeat(2_000_001), JSON_TYPE, 413],
    ['an endless body', new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536)) }), JSON_TYPE, 413],
    ['a body that breaks', new ReadableStream({ pull: (c) => c.error(new Error('gone')) }), JSON_TYPE, 499],
  ])('%s', async (_what, body, headers, status) => {
    expect((await ask('POST', '/predict', body, headers)).status).toBe(status);
  });

  it('another path, another method', async () => {
    expect(await ask('GET', '/none')).toMatchObject({ status: 404, body: { error_type: 'Validation' } });
    expect((await ask('GET', '/predict')).headers.get('allow')).toBe('POST');
    const answer = await ask('DELETE', '/health');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await ask('GET', '/constructor')).status).toBe(404);
  });

  it('a body that takes too long', async () => {
    const slow = createHandler(classify, { bodyTimeout: 0.02 });
    expect((await ask('POST', '/predict', new ReadableStream({}), JSON_TYPE, slow)).status).toBe(408);
  });

  it('the rest of a body that took too long is dropped', async () => {
    let left = false;
    const trickle = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(new Uint8Array(1));
      },
      cancel() {
        left = true;
      },
    });
    const slow = createHandler(classify, { bodyTimeout: 0.1 });
    expect((await ask('POST', '/predict', trickle, JSON_TYPE, slow)).status).toBe(408);
    await expect.poll(() => left, { timeout: 20_000 }).toBe(true);
  });

  it('a body that says it is too long is not waited for', async () => {
    const headers = { ...JSON_TYPE, 'content-length': '2000001' };
    expect((await ask('POST', '/predict', new ReadableStream({}), headers)).status).toBe(413);
  });

  it.each<[string, object, string]>([
    ['a limit of 0', { maxQueueTokens: 0 }, 'maxQueueTokens: expected a whole number over 0, got 0'],
    ['a broken limit', { maxQueueTokens: 1.5 }, 'maxQueueTokens: expected a whole number over 0, got 1.5'],
    ['no number', { maxBodyBytes: Number.NaN }, 'maxBodyBytes: expected a whole number over 0, got NaN'],
    [
      'a time that no timer takes',
      { bodyTimeout: 3_000_000 },
      'bodyTimeout: expected seconds over 0, at most 2147483, got 3000000',
    ],
    ['a time of text', { bodyTimeout: '5' }, 'bodyTimeout: expected seconds over 0, at most 2147483, got 5'],
    ['a log that is none', { log: 5 }, 'log: expected a function, got 5'],
    ['another option', { maxBody: 1 }, 'got maxBody'],
    [
      'another strategy',
      { aggregationStrategy: 'best' },
      'aggregationStrategy: expected none, simple, first, average, max, got best',
    ],
  ])('%s', (_what, options, message) => {
    expect(() => createHandler(classify, options)).toThrow(UsageError);
    expect(() => createHandler(classify, options)).toThrow(message);
  });

  it('what is no pipeline', () => {
    expect(() => createHandler(undefined as unknown as typeof classify)).toThrow(
      'pipeline: expected what pipeline() gives, got another value',
    );
  });
});

it('a pipeline that extracts features embeds, and predicts nothing, whatever head its model has', async () => {
  const server = createHandler(await pipeline('feature-extraction', classify));
  expect((await post('/embed', { inputs: 'a good film' }, server)).status).toBe(200);
  expect((await post('/predict', { inputs: 'a good film' }, server)).status).toBe(424);
  expect((await ask('GET', '/info', undefined, {}, server)).body.model_type).toEqual({
    embedding: { pooling: 'mean' },
  });
});

it('a log that fails costs no answer, and holds up no end', async () => {
  const faults = vi.spyOn(console, 'error').mockImplementation(() => {});
  const server = createHandler(classify, {
    log() {
      throw new Error('no room');
    },
  });
  expect((await post('/predict', { inputs: 'a' }, server)).status).toBe(200);
  await server.close();
  expect(faults).toHaveBeenCalled();
  faults.mockRestore();
});

describe('GET', () => {
  it('/health, /info, /openapi.json, and HEAD of each', async () => {
    expect(await ask('GET', '/health')).toMatchObject({ status: 200, body: '' });
    const { body } = await ask('GET', '/info');
    expect(body).toMatchObject({ model_id: 'bertwasm', max_client_batch_size: 32, max_concurrent_requests: 512 });
    expect(body.model_type.classifier.id2label).toEqual({ 0: 'NEGATIVE', 1: 'POSITIVE' });
    expect((await ask('GET', '/openapi.json')).body.openapi).toBe('3.1.0');
    expect((await handler(new Request('http://host/info', { method: 'HEAD' }))).status).toBe(200);
  });

  it('/metrics counts what was asked', async () => {
    const counted = createHandler(classify);
    for (let i = 0; i < 3; i++) await post('/predict', { inputs: 'a good film' }, counted);
    await post('/predict', {}, counted);
    const { body, headers } = await ask('GET', '/metrics', undefined, {}, counted);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('\nbertwasm_requests_total{route="/predict",status="200"} 3\n');
    expect(body).toContain('\nbertwasm_requests_total{route="/predict",status="422"} 1\n');
    expect(body).toContain('\nbertwasm_batch_texts_count 3\n');
    expect(body).toContain('\nbertwasm_batch_tokens_bucket{le="+Inf"} 3\n');
    expect(body).toContain('\nbertwasm_queue_texts 0\n');
    for (const line of body.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? -?[\d.e+-]+)$/);
  });

  it('/info tells the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(VERSION).toBe(version);
  });
});

describe('the queue', () => {
  it('takes together what has gathered, and refuses what is too much', async () => {
    const asked = Array.from({ length: 120 }, () => post('/predict', { inputs: 'a good film' }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const { body } = await ask('GET', '/metrics', undefined, {});
    const [, sum] = /bertwasm_batch_texts_sum (\d+)/.exec(body) as RegExpExecArray;
    const [, count] = /bertwasm_batch_texts_count (\d+)/.exec(body) as RegExpExecArray;
    expect(Number(sum)).toBeGreaterThan(Number(count));
    expect(body).toContain('bertwasm_queue_texts 0');
  });

  it('a failing text fails its own request alone', async () => {
    const failing = withDetails((texts) => {
      if (texts.includes('bad')) throw new DataError('model: expected finite results, got NaN');
    });
    const server = createHandler(failing);
    const answers = await Promise.all(['a', 'bad', 'b', 'c'].map((inputs) => post('/predict', { inputs }, server)));
    expect(answers.map(({ status }) => status)).toEqual([200, 424, 200, 200]);
    expect(answers[1].body).toEqual({ error: 'model: expected finite results, got NaN', error_type: 'Backend' });
  });

  it('drops the texts of a client that left', async () => {
    let seen = 0;
    const counting = withDetails((texts) => {
      seen += texts.length;
    });
    const server = createHandler(counting, { maxBatchTokens: 1 });
    const leaving = new AbortController();
    const inputs = Array(30).fill(['a']);
    const request = new Request('http://host/predict', {
      method: 'POST',
      body: JSON.stringify({ inputs }),
      headers: JSON_TYPE,
      signal: leaving.signal,
    });
    const answer = server(request);
    await new Promise((resolve) => setTimeout(resolve));
    leaving.abort();
    expect((await answer).status).toBe(499);
    expect(seen).toBeLessThan(30);
    expect((await ask('GET', '/metrics', undefined, {}, server)).body).toContain('bertwasm_queue_texts 0');
  });

  it('tells who waited too long', async () => {
    const slow = withDetails(() => new Promise((resolve) => setTimeout(resolve, 20)));
    const server = createHandler(slow, { maxBatchTokens: 1, queueTimeout: 0.03 });
    const first = post('/predict', { inputs: Array(10).fill(['a']) }, server);
    const second = await post('/predict', { inputs: 'a' }, server);
    expect([second.status, second.body.error_type]).toEqual([503, 'Overloaded']);
    expect((await first).status).toBe(200);
  });
});

it('close waits for what runs, and refuses what comes', async () => {
  const server = createHandler(classify);
  const before = post('/predict', { inputs: 'a good film' }, server);
  const closed = server.close();
  expect((await ask('GET', '/health', undefined, {}, server)).status).toBe(503);
  expect((await before).status).toBe(200);
  await closed;
});
