import { expect, test } from 'vitest';
import type { ModelConfig } from '../../../src/model/config.ts';
import { evaluationMemory, stepsOfRun, trainingMemory } from '../../../src/train/full/memory.ts';

const MINILM = { vocabSize: 30522, positions: 512, dim: 384, hiddenDim: 1536, heads: 12, layers: 6, head: 'none' };
const config = MINILM as unknown as ModelConfig;

test('on a GPU as many steps go at once as their masks leave room for, on the CPU one', () => {
  expect(stepsOfRun(config, 'cpu', 16, 64)).toBe(1);
  expect(stepsOfRun(config, 'cuda', 16, 64)).toBe(50);
  // 16 x 512: 22.0 MB of embeddings and layers and 302.0 MB of attention a step.
  expect(stepsOfRun(config, 'cuda', 16, 512)).toBe(3);
  expect(stepsOfRun(config, 'cuda', 256, 512)).toBe(1);
});

test('an evaluation of 20 rows of 512 tokens took 1.9 GB', () => {
  expect(evaluationMemory(config, 20, 512) / 1.9e9).toBeCloseTo(1, 1);
});

test('what is told has the masks in it', () => {
  const one = trainingMemory(config, 16, 512, 1);
  expect(trainingMemory(config, 16, 512, 3) - one).toBe(3 * (7 * 16 * 512 * 384 + 6 * 16 * 12 * 512 * 512 + 16 * 384));
});
