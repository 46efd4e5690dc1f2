import { nodePlatform } from '../../src/platform/node-platform.ts';
import { loadModel } from '../../src/tasks/pipeline.ts';
import { type Drift, measure, type Outcome } from './drift.ts';
import type { Golden, GoldenText } from './golden.ts';

/** How far the default model, or the one in `directory`, is from goldens. */
export async function driftOf(
  directory: string | undefined,
  dtype: 'q8' | 'fp32',
  { texts }: Golden,
): Promise<{ drift: Drift; build: string; otherIds: number }> {
  const { model, tokenizer } = await loadModel(nodePlatform, 'text-classification', directory, { dtype });
  const { dim: D } = model.config;
  const outcome = ({ ids }: GoldenText): Outcome => {
    const batch = [Int32Array.from(ids)];
    return { cls: model.hiddenStates(batch)[0].subarray(0, D), logits: model.logits(batch) };
  };
  const drift = measure(texts, texts.map(outcome));
  const otherIds = texts.filter(({ text, ids }) => tokenizer.encode(text).ids.join() !== ids.join()).length;
  model.dispose();
  return { drift, build: model.simd, otherIds };
}
