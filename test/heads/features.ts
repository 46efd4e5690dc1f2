import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Model } from '../../src/engine/model.ts';
import type { HeadPooling } from '../../src/model/config.ts';
import { nodePlatform } from '../../src/platform/node-platform.ts';
import { loadModel } from '../../src/tasks/pipeline.ts';
import type { Tokenizer } from '../../src/text/tokenizer.ts';
import { extractFeatures } from '../../src/train/extract.ts';
import type { FeatureSet } from '../../src/train/features.ts';
import { collectLabels, labelIds } from '../../src/train/labels.ts';
import { MemoryFeatures } from '../../src/train/memory-features.ts';
import type { RowKind, TrainingRows } from '../../src/train/rows.ts';
import { SETS, type SetName } from './data.ts';

const WORK = fileURLToPath(new URL('../../build/heads/', import.meta.url));
/** Tokens of a text that are read; only IMDb has many longer ones. */
const MAX_LENGTH = 256;

/** What heads of one pooling read of a set. */
export interface SetFeatures {
  kind: RowKind;
  labels: string[];
  train: FeatureFiles;
  test: FeatureFiles;
}

export interface FeatureFiles extends FeatureSet {
  targets: Int32Array;
  /** Paths: f32 [N, P], i32 [N] and u32 [rows + 1]. */
  files: { features: string; targets: string; starts: string };
}

/** Features of a set from build/heads/, where they are not there first into it: minutes for a long set. */
export async function featuresOf(
  name: SetName,
  pooling: HeadPooling,
  encoder: { model: Model; tokenizer: Tokenizer },
): Promise<SetFeatures> {
  const { kind, train, test } = SETS[name]();
  const labels = collectLabels(train, kind);
  // Features of another encoder are other files.
  const sha256 = encoder.model.config.bertwasm?.files['encoder.safetensors'].sha256;
  const directory = `${WORK}${sha256?.slice(0, 12)}/`;
  mkdirSync(directory, { recursive: true });

  const part = async (rows: TrainingRows, stem: string): Promise<FeatureFiles> => {
    const files = { features: `${stem}.f32`, targets: `${stem}.targets`, starts: `${stem}.starts` };
    if (!existsSync(files.features)) {
      console.error(`features: ${stem}`);
      const set = await extractFeatures(encoder, rows, {
        kind,
        ids: labelIds(rows, labels, name),
        labels: labels.length,
        pooling,
        maxLength: MAX_LENGTH,
        newFeatures: (width) => new MemoryFeatures(width),
      });
      const { features } = set;
      const values = new Float32Array(features.count * features.width);
      features.read(0, features.count, values);
      writeFileSync(files.targets, set.targets);
      writeFileSync(files.starts, set.starts);
      // Last and at once: what is there is whole.
      writeFileSync(`${files.features}.part`, values);
      renameSync(`${files.features}.part`, files.features);
    }
    const targets = new Int32Array(read(files.targets));
    const values = new Float32Array(read(files.features));
    const features = new MemoryFeatures(values.length / targets.length);
    features.append(values);
    return { features, targets, starts: new Uint32Array(read(files.starts)), files };
  };
  const stem = (split: string) => `${directory}${name}.${split}.${pooling}`;
  return { kind, labels, train: await part(train, stem('train')), test: await part(test, stem('test')) };
}

export async function loadEncoder(): Promise<{ model: Model; tokenizer: Tokenizer }> {
  return await loadModel(nodePlatform, 'feature-extraction', 'bertwasm-minilm', {});
}

function read(path: string): ArrayBuffer {
  return new Uint8Array(readFileSync(path)).buffer;
}
