import { totalmem } from 'node:os';
import { loadConfig } from '../model/config.ts';
import { floatWeights } from '../model/float-weights.ts';
import { huggingFaceFiles } from '../model/hugging-face.ts';
import { writeOwnForm } from '../model/own-form.ts';
import { bytesSource } from '../model/sources/bytes.ts';
import { chooseDevice, type DEVICES } from '../ort/device.ts';
import { nodeSha256 } from '../platform/node-files.ts';
import { QUANTIZED } from '../platform/node-model-files.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import { maxTokens } from '../tasks/windows.ts';
import { loadTokenizer } from '../text/load.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { type TrainedModel, trainModel } from '../train/full/train-model.ts';
import type { TrainingRows } from '../train/rows.ts';
import { memoryWriter } from './memory-writer.ts';
import { modelCard } from './model-card.ts';
import { DEFAULT_OUTLIERS, findOutliers, MAX_TEXTS } from './outliers.ts';
import type { Run } from './training-run.ts';

export interface FullRunOptions {
  model: string;
  /** Default `auto`. */
  device?: (typeof DEVICES)[number];
  tf32: boolean;
}

/**
 * All parameters of a model, from the weights of any: a checkpoint of floats, or what the integers of a quantised one mean.
 *
 * @param say tells people where it computes
 * @throws UsageError where onnxruntime-node or the device can't be had
 */
export async function fullRun(
  { model, device: asked = 'auto', tf32 }: FullRunOptions,
  say: (text: string) => void,
): Promise<Run> {
  const device = await chooseDevice(asked);
  const source = nodePlatform.resolveModel(model);
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source, config);
  const weights = await floatWeights(source, config);
  say(
    `computing on ${device.name}${device.name === 'cuda' ? `, products in ${tf32 ? 'TF32' : 'f32'}` : ''}${device.reason === undefined ? '' : ` (no CUDA: ${device.reason})`}`,
  );
  if (config.head !== 'none') say(`${model}: its head is not used: a new one is trained`);
  if (config.bertwasm) say(`${model}: quantised weights to start from; a checkpoint of floats is a little better`);
  return {
    maxTokens: maxTokens(tokenizer, config),
    train: async (rows, options) => {
      const base = { config, weights, tokenizer };
      const trained = await trainModel(rows, {
        ...options,
        base,
        device: device.name,
        tf32,
        kernels: nodePlatform.kernels,
        onMemory: (bytes, B, S) => say(memoryTold(bytes, B, S, device.name)),
      });
      return { trained, files: () => modelFiles(trained, tokenizer, firstTexts(rows), model) };
    },
  };
}

function memoryTold(bytes: number, B: number, S: number, device: 'cpu' | 'cuda'): string {
  const gigabytes = (value: number) =>
    value < 1e9 ? `${Math.ceil(value / 1e6)} MB` : `${(value / 1e9).toFixed(1)} GB`;
  const short =
    device === 'cpu' && bytes > totalmem() ? `, more than the ${gigabytes(totalmem())} of this machine` : '';
  return `memory: about ${gigabytes(bytes)} for batches of ${B} rows of up to ${S} tokens${short}`;
}

/** In Hugging Face's form, and quantised. */
async function modelFiles(trained: TrainedModel, tokenizer: Tokenizer, texts: readonly string[], base: string) {
  const document = tokenizer.toJSON();
  const maxLength = maxTokens(tokenizer, trained.config);
  const files = huggingFaceFiles({ ...trained, tokenizer: document, maxLength });
  const source = bytesSource('the trained model', files);
  const config = await loadConfig(source);
  const outlierColumns = await findOutliers(source, config, tokenizer, texts, DEFAULT_OUTLIERS);
  const quantized: Record<string, Uint8Array> = {};
  await writeOwnForm(memoryWriter(quantized), nodeSha256, { source, config, tokenizer: document, outlierColumns });
  return {
    ...files,
    'README.md': new TextEncoder().encode(modelCard(trained, base)),
    ...Object.fromEntries(Object.entries(quantized).map(([name, bytes]) => [`${QUANTIZED}/${name}`, bytes])),
  };
}

/** What the model will read, to calibrate its quantisation. */
function firstTexts(rows: TrainingRows): string[] {
  return rows.slice(0, MAX_TEXTS).map((row) => ('tokens' in row ? row.tokens.join(' ') : row.text));
}
