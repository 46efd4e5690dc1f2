import type { Model } from '../engine/model.ts';
import type { Head, HeadConfig } from '../model/head.ts';
import type { FeatureSet } from '../train/features.ts';
import { initialHead } from '../train/initial-head.ts';
import { MemoryFeatures } from '../train/memory-features.ts';
import { decisions } from './decisions.ts';

/** More only take time. */
const MOST = 512;

/** Where a head's training starts, and what it trains on. */
export interface HeadTask {
  head: Head;
  set: FeatureSet;
}

/**
 * The model's head and the vectors of texts. Labels are those given, or what the model itself says. A model without a head that chooses between
 * labels gets a new one of two, which texts have in turn.
 *
 * @param given decisions of each text, of each token where the head labels those; below 0 where there is none
 */
export function vectorsOf(
  texts: readonly (readonly number[])[],
  given: readonly (readonly number[])[] | undefined,
  model: Model,
): HeadTask {
  const own = model.head;
  const chooses = own !== undefined && choosesLabels(own.config);
  const head = chooses ? own : initialHead(twoLabels(model.config.dim), 1);
  const { config } = head;
  const decide = decisions(config);
  const features = new MemoryFeatures(config.width);
  const targets: number[] = [];
  for (const [text, ids] of texts.entries()) {
    if (features.count >= MOST) break;
    const isToken = config.task === 'token';
    features.append(isToken ? model.tokenFeatures([ids], config.pooling)[0] : model.features([ids], config.pooling));
    if (!chooses) {
      targets.push(text % 2);
      continue;
    }
    const said = decide(isToken ? model.tokenLogits([ids])[0] : model.logits([ids]));
    for (const [i, decision] of said.entries()) {
      const right = given?.[text][i] ?? -1;
      targets.push(right >= 0 ? right : decision);
    }
  }
  const several = config.problemType === 'multi_label_classification';
  return {
    head,
    set: {
      features,
      starts: Uint32Array.from({ length: features.count + 1 }, (_, i) => i),
      targets: several ? Float32Array.from(targets) : Int32Array.from(targets),
    },
  };
}

function choosesLabels({ problemType, labels }: HeadConfig): boolean {
  return problemType !== 'regression' && labels.length > 1;
}

function twoLabels(dim: number): HeadConfig {
  return {
    task: 'sequence',
    labels: ['0', '1'],
    problemType: 'single_label_classification',
    pooling: 'cls',
    preClassifier: true,
    dim,
    width: dim,
  };
}
