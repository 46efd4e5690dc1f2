import type { Model } from '../engine/model.ts';
import { drawer } from '../train/random.ts';

const LEAST_PASSES = 11;
const LEAST_MS = 2000;

/** What the model is for, of one sequence of ids that a seed gives. */
export function passOf(model: Model, tokens: number): () => unknown {
  const { vocabSize, head } = model.config;
  const below = drawer(1, tokens, 0);
  const batch = [Int32Array.from({ length: tokens }, () => below(vocabSize))];
  if (head === 'sequence') return () => model.logits(batch);
  return head === 'token' ? () => model.tokenLogits(batch) : () => model.features(batch, 'cls');
}

/** Milliseconds of one call. */
export function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** What each time gives: often enough for a median, and for at least two seconds, after two times to warm up. */
export function repeat<T>(run: () => T): T[] {
  run();
  run();
  const results: T[] = [];
  const start = performance.now();
  while (results.length < LEAST_PASSES || performance.now() - start < LEAST_MS) results.push(run());
  return results;
}
