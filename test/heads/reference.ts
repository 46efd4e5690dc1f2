import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TrainingArguments } from '../../src/train/arguments.ts';
import { venvPython } from '../venv.ts';
import type { SetFeatures } from './features.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

export interface ReferenceLogits {
  /** f32 [N, L] of the test set for each seed. */
  torch: Float32Array[];
  /** The same of scikit-learn's LogisticRegression, beside a linear head. */
  sklearn?: Float32Array;
}

/** Logits of the head that torch trains on the same features with the same arguments. */
export function reference(
  { train, test, labels }: SetFeatures,
  args: TrainingArguments,
  dim: number,
  seeds: readonly number[],
): ReferenceLogits {
  const logits = `${train.files.features}.logits`;
  const job = {
    train: train.files.features,
    targets: train.files.targets,
    starts: train.files.starts,
    test: test.files.features,
    width: train.features.width,
    labels: labels.length,
    dim,
    head: args.head,
    arguments: args,
    seeds,
    logits,
  };
  const python = venvPython('heads', `${HERE}requirements.txt`);
  execFileSync(python, [`${HERE}reference.py`], {
    input: JSON.stringify(job),
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const all = new Float32Array(new Uint8Array(readFileSync(logits)).buffer);
  const size = test.features.count * labels.length;
  const runs = Array.from({ length: all.length / size }, (_, i) => all.subarray(i * size, (i + 1) * size));
  return { torch: runs.slice(0, seeds.length), sklearn: runs[seeds.length] };
}
