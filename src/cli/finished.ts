import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { canonicalTensors } from '../model/bert.ts';
import { loadConfig, type ModelConfig } from '../model/config.ts';
import { isObject, show } from '../model/json.ts';
import type { ModelSource } from '../model/source.ts';
import { directorySource } from '../platform/node-files.ts';
import { QUANTIZED } from '../platform/node-model-files.ts';
import { loadTokenizer } from '../text/load.ts';
import { ARGUMENT_NAMES } from '../train/argument-checks.ts';
import type { TrainingArguments } from '../train/arguments.ts';
import { STATE_FILE } from '../train/checkpoint-names.ts';

/** What was asked for, as far as it is to be told without the rows. */
export interface Asked {
  args: Partial<TrainingArguments>;
  labels?: readonly string[];
  maxLength?: number;
  standalone?: boolean;
  full: boolean;
  base: ModelConfig;
}

/**
 * Whether a directory holds the model of such a training that came to its end. Its data are not compared: they would have to
 * be read again.
 *
 * @throws UsageError where it is the model of another training
 */
export async function isFinished(directory: string, asked: Asked): Promise<boolean> {
  const callback = await storedCallback(join(directory, STATE_FILE));
  if (!callback) return false;
  const { args, attributes } = callback;
  const source = directorySource(directory);
  const config = await loadConfig(source);
  const compare = (name: string, stored: unknown, given: unknown): void => {
    if (given === undefined || show(stored) === show(given)) return;
    const expected = `${name} ${show(stored)}`;
    throw new UsageError(
      `${directory}: expected what the finished training was given, ${expected}, got ${show(given)} (--overwrite trains anew)`,
    );
  };
  for (const name of ARGUMENT_NAMES) compare(name, args[name], asked.args[name]);
  compare('max_length', attributes.max_length, asked.maxLength);
  compare('labels', config.labels, asked.labels);
  compare('full', config.bertwasm === undefined, asked.full);
  await checkWhole(source, config);
  if (asked.full) {
    const quantised = directorySource(join(directory, QUANTIZED));
    await checkWhole(quantised, await loadConfig(quantised));
    return true; // what it started from does not show in it
  }
  compare('standalone', config.bertwasm?.encoder === undefined, asked.standalone);
  const encoderOf = ({ bertwasm }: ModelConfig) => bertwasm?.files['encoder.safetensors']?.sha256 ?? null;
  compare('the encoder with SHA-256', encoderOf(config), encoderOf(asked.base));
  return true;
}

/** @throws DataError where a file of the model is lost or cut */
async function checkWhole(source: ModelSource, config: ModelConfig): Promise<void> {
  await loadTokenizer(source, config);
  for await (const _ of canonicalTensors(source, config)); // the header and the length of each file
}

async function storedCallback(path: string) {
  try {
    const { stateful_callbacks } = JSON.parse(await readFile(path, 'utf8'));
    const { args, attributes } = stateful_callbacks.bertwasm;
    return isObject(args) && isObject(attributes) ? { args, attributes } : undefined;
  } catch {
    return undefined; // whatever it is, it is not ours
  }
}
