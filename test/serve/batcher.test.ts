import { expect, it } from 'vitest';
import { Batcher, type MeasuredText, type Work } from '../../src/serve/batcher.ts';
import { DEFAULT_LIMITS } from '../../src/serve/options.ts';

const ONE_TEXT_A_CALL = { ...DEFAULT_LIMITS, maxBatchTokens: 1 };
const NEVER = new AbortController().signal;
const measured = (...texts: string[]): MeasuredText[] => texts.map((text) => ({ text, tokens: 1 }));
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

it('calls the engine once at a time, though it waits, and gives each request its own', async () => {
  let calls = 0;
  const batches: number[] = [];
  const work: Work = async (texts) => {
    expect(++calls).toBe(1);
    await wait(30);
    calls--;
    return texts.map((text) => `of ${text}`);
  };
  const batcher = new Batcher(DEFAULT_LIMITS, (texts) => batches.push(texts));
  const answers = [batcher.run(work, measured('a'), NEVER)];
  await wait(15);
  answers.push(batcher.run(work, measured('b', 'c'), NEVER), batcher.run(work, measured('d'), NEVER));
  expect(await Promise.all(answers)).toEqual([['of a'], ['of b', 'of c'], ['of d']]);
  expect(batches).toEqual([1, 3]);
});

it('a request whose turn does not come in time is refused; one that is begun is finished', async () => {
  const work: Work = async (texts) => {
    await wait(20);
    return texts;
  };
  const batcher = new Batcher({ ...ONE_TEXT_A_CALL, queueTimeout: 0.05 }, () => {});
  const first = batcher.run(work, measured(...'abcdefghij'), NEVER);
  const second = batcher.run(work, measured('k'), NEVER);
  await expect(second).rejects.toMatchObject({ status: 503, message: /queue: expected its turn within 0.05 s/ });
  expect(await first).toEqual([...'abcdefghij']);
  expect(batcher.texts).toBe(0);
});
