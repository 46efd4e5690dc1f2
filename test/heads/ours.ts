import { type HeadConfig, headShapes } from '../../src/model/head.ts';
import type { TrainingArguments } from '../../src/train/arguments.ts';
import { HeadBackend } from '../../src/train/head-backend.ts';
import { initialHead } from '../../src/train/initial-head.ts';
import { Trainer } from '../../src/train/trainer.ts';
import type { SetFeatures } from './features.ts';

/** Logits of the test set, f32 [N, L], after our training: those of the last step, as in the reference. */
export async function trained(
  module: WebAssembly.Module,
  config: HeadConfig,
  { train, test }: SetFeatures,
  args: TrainingArguments,
): Promise<Float32Array> {
  const backend = new HeadBackend(module, initialHead(config, args.seed), train, test, args);
  const trainer = new Trainer({
    backend,
    arguments: args,
    rows: train.starts.length - 1,
    model: { shapes: headShapes(config), save: () => ({}), load: () => new Map() },
    fingerprint: '',
  });
  await trainer.train();
  return (await backend.evaluate()).logits;
}
