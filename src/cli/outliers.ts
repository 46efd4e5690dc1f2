import { calibrate } from '../engine/calibrate.ts';
import { Model } from '../engine/model.ts';
import type { ModelConfig } from '../model/config.ts';
import type { ModelSource } from '../model/source.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { readTexts } from '../tasks/windows.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

/** Ten sentences sufficed where it was measured; more only cost time. */
export const MAX_TEXTS = 128;

/** Inputs of each layer that stay in f32. */
export const DEFAULT_OUTLIERS = 4;

/** Reads the texts with the model in f32; its memory is free again before the quantiser starts. */
export async function findOutliers(
  source: ModelSource,
  config: ModelConfig,
  tokenizer: Tokenizer,
  texts: readonly string[],
  count: number,
): Promise<Map<string, number[]>> {
  if (count === 0) return new Map();
  const model = await Model.load(source, config, nodePlatform.kernels);
  const sequences = readTexts(tokenizer, config, texts, {}).map(({ windows }) => windows[0]);
  const columns = calibrate(model, sequences, count);
  model.dispose();
  return columns;
}
