import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { loadConfig, type ModelConfig } from '../model/config.ts';
import { isObject, show } from '../model/json.ts';
import { directorySource } from '../platform/node-files.ts';
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
  const config = await loadConfig(directorySource(directory));
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
  if (asked.full) return true; // what it started from does not show in it
  compare('standalone', config.bertwasm?.encoder === undefined, asked.standalone);
  const encoderOf = ({ bertwasm }: ModelConfig) => bertwasm?.files['encoder.safetensors']?.sha256 ?? null;
  compare('the encoder with SHA-256', encoderOf(config), encoderOf(asked.base));
  return true;
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
