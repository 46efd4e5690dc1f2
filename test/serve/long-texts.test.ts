import { afterAll, expect, it } from 'vitest';
import { pipeline } from '../../src/platform/node.ts';
import { Engine } from '../../src/serve/engine.ts';
import { tinyOwnModel } from '../fixtures/tiny-model.ts';

const classify = await pipeline('text-classification', await tinyOwnModel());
const engine = new Engine(classify, {});
afterAll(() => classify.dispose());

const MOST = 32 * engine.maxInputLength;
const go = () => {};

it('a text is looked at no further than 32 code units a token', async () => {
  const [{ text, tokens }] = await engine.measure(['good '.repeat(MOST)], true, go);
  expect([text.length, tokens]).toEqual([MOST, engine.maxInputLength]);
  await expect(engine.measure(['', ' '.repeat(MOST + 1)], false, go)).rejects.toMatchObject({
    status: 422,
    message: `text 1: expected at most ${MOST} UTF-16 code units, got more; truncate: true cuts it`,
  });
});

it('others are heard between long texts', async () => {
  let heard = 0;
  const timer = setInterval(() => heard++, 0);
  await engine.measure(Array(100).fill('good '.repeat(MOST / 5)), true, go);
  clearInterval(timer);
  expect(heard).toBeGreaterThan(5);
});

it('nothing more is read for a client that left, or for what will be refused', async () => {
  const asked: number[] = [];
  const measuring = engine.measure(Array(5).fill('good film'), true, (tokens) => {
    asked.push(tokens);
    if (tokens > 6) throw new Error('enough');
  });
  await expect(measuring).rejects.toThrow('enough');
  expect(asked).toEqual([0, 4, 8]);
});
