import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { isObject, show } from '../model/json.ts';
import type { TrainingArguments } from '../train/arguments.ts';
import { STATE_FILE } from '../train/trainer-state.ts';

/**
 * Whether a directory holds the model of a training with these arguments that came to its end. Its data are not compared:
 * they would have to be read again.
 *
 * @throws UsageError where it is the model of other arguments
 */
export async function isFinished(directory: string, given: Partial<TrainingArguments>): Promise<boolean> {
  const args = await storedArguments(join(directory, STATE_FILE));
  if (!args) return false;
  for (const [name, value] of Object.entries(given)) {
    if (args[name] === value) continue;
    throw new UsageError(
      `${directory}: expected the arguments of the finished training, ${name} ${show(args[name])}, got ${show(value)}`,
    );
  }
  return true;
}

async function storedArguments(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const { stateful_callbacks } = JSON.parse(await readFile(path, 'utf8'));
    const { args } = stateful_callbacks.bertwasm;
    return isObject(args) ? args : undefined;
  } catch {
    return undefined; // whatever it is, it is not ours
  }
}
