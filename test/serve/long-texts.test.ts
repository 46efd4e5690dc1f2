import { afterAll, expect, it } from 'vitest';
import { pipeline } from '../../src/platform/node.ts';
import { Engine } from '../../src/serve/engine.ts';
import { tinyOwnModel } from '../fixtures/tiny-model.ts';

const classify = await pipeline('text-classification', await tinyOwnModel());
const engine = new Engine(classify, {});
afterAll(() => classify.dispose());

const MOST = 32 * engine.maxInputLength;

it('a text is looked at no further than its tokens can reach', async () => {
  const [{ text, tokens }] = await engine.measure(['good '.repeat(MOST)], true);
  expect([text.length, tokens]).toEqual([MOST, engine.maxInputLength]);
  await expect(engine.measure(['', ' '.repeat(MOST + 1)], false)).rejects.toMatchObject({
    status: 422,
    message: `text 1: expected at most ${MOST} characters, got more; truncate: true cuts it`,
  });
});

it('others are heard between long texts', async () => {
  let heard = 0;
  const timer = setInterval(() => heard++, 0);
  await engine.measure(Array(100).fill('good '.repeat(MOST / 5)), true);
  clearInterval(timer);
  expect(heard).toBeGreaterThan(5);
});
