import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Head } from '../model/head.ts';
import { type ModelSource, readBytes } from '../model/source.ts';
import { ENCODER_FILES, trainedFiles } from '../model/trained.ts';
import { featureCache } from '../platform/node-features.ts';
import { nodeSha256 } from '../platform/node-files.ts';
import { encoderReference } from '../platform/node-models.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { loadModel } from '../tasks/pipeline.ts';
import { maxTokens } from '../tasks/windows.ts';
import { checkpointName } from '../train/checkpoint-names.ts';
import { trainHead } from '../train/train-head.ts';
import { cores } from './options.ts';
import type { Run } from './training-run.ts';

export interface HeadRunOptions {
  out: string;
  model: string;
  /** Default 1024. */
  cacheMb?: number;
  standalone?: boolean;
  /** Default: as many as there are cores. */
  threads?: number;
}

/**
 * A head on a frozen encoder.
 *
 * @throws UsageError where the encoder is not quantised
 */
export async function headRun({
  out,
  model,
  cacheMb = 1024,
  standalone,
  threads = cores(),
}: HeadRunOptions): Promise<Run> {
  const { source, ...encoder } = await loadModel(nodePlatform, 'feature-extraction', model, { threads });
  const { config } = encoder.model;
  if (!config.bertwasm) {
    throw new UsageError(`${model}: expected a quantised model (bertwasm quantize makes one), got one of floats`);
  }
  const filesIn = (directory: string, head: Head) =>
    trainedFiles(config, head, nodeSha256, encoderReference(model, config.bertwasm?.encoder, directory));
  return {
    maxTokens: maxTokens(encoder.tokenizer, config),
    train: async (rows, options) => {
      const trained = await trainHead(rows, {
        ...options,
        encoder,
        checkpointFiles: (head) => filesIn(join(out, checkpointName(0)), head),
        newFeatures: featureCache(dirname(resolve(out)), cacheMb * 2 ** 20),
      });
      const { head } = trained;
      const whole = async () => ({
        ...trainedFiles(config, head, nodeSha256, undefined),
        ...(await encoderFiles(source)),
      });
      return { trained, files: async () => (standalone ? whole() : filesIn(out, head)) };
    },
  };
}

async function encoderFiles(source: ModelSource): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const name of ENCODER_FILES) {
    files[name] = (await readBytes(source, name, Number.MAX_SAFE_INTEGER)) as Uint8Array;
  }
  return files;
}
