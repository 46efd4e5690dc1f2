import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pipeline } from '../../src/platform/node.ts';
import { MODEL } from '../runtimes/paths.ts';
import { inTemporaryDirectory } from '../runtimes/runners/temporary.ts';
import { startWorkerd } from '../runtimes/runners/workerd-process.ts';
import { metrics, metricsOf } from './metrics.ts';
import { HEAD, raw } from './raw.ts';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

test('in workerd, concurrent requests are answered as in Node, though one that came first has left', () =>
  inTemporaryDirectory(async (directory) => {
    await using server = await startWorkerd(WORKER, MODEL, directory);
    const post = (inputs: unknown) =>
      fetch(`${server.url}predict`, {
        method: 'POST',
        body: JSON.stringify({ inputs }),
        headers: { 'content-type': 'application/json' },
      });
    expect((await post('A first text, which loads the model.')).status).toBe(200);

    const body = JSON.stringify({ inputs: Array(32).fill(['again and '.repeat(60)]) });
    const leaving = raw(server.url, `${HEAD}content-length: ${body.length}\r\n\r\n${body}`);
    await metricsOf(server.url).toMatch(/\nbertwasm_queue_texts [1-9]/);
    const texts = Array.from({ length: 24 }, (_, i) => `A quiet film, seen ${i} times${' and again'.repeat(i)}.`);
    const answers = texts.map((text) => post(text));
    // A connection that is reset ends its request where it is, and its timers; an orderly end workerd does not hear.
    leaving.resetAndDestroy();
    await once(leaving, 'close');

    const classify = await pipeline('text-classification');
    const expected = await classify(texts, { top_k: null });
    expect(await Promise.all(answers.map(async (answer) => (await answer).json()))).toEqual(expected);
    await classify.dispose();
    // Itself it has no answer, though its texts were computed.
    const told = await metrics(server.url);
    expect(told).toContain('\nbertwasm_queue_texts 0\n');
    expect(told).toContain('\nbertwasm_batch_texts_sum 57\n');
    expect(told).toContain('\nbertwasm_requests_total{route="/predict",status="200"} 25\n');
  }));
