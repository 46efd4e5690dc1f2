import { DataError } from '../errors.ts';
import { checkpointName } from './checkpoint-names.ts';

/** The files of one checkpoint by name. */
export type CheckpointFiles = Readonly<Record<string, Uint8Array>>;

/** Where the checkpoints of one run are kept, by step. */
export interface CheckpointStore {
  /** Steps of the whole checkpoints there, ascending. */
  list(): Promise<number[]>;
  /** All of the files or none: a checkpoint that is listed is whole. Replaces one of the same step. */
  save(step: number, files: CheckpointFiles): Promise<void>;
  load(step: number): Promise<CheckpointFiles>;
  remove(step: number): Promise<void>;
}

export class MemoryCheckpoints implements CheckpointStore {
  readonly #steps = new Map<number, CheckpointFiles>();

  async list(): Promise<number[]> {
    return [...this.#steps.keys()].sort((a, b) => a - b);
  }

  async save(step: number, files: CheckpointFiles): Promise<void> {
    this.#steps.set(step, files);
  }

  async load(step: number): Promise<CheckpointFiles> {
    const files = this.#steps.get(step);
    if (!files) throw new DataError(`${checkpointName(step)}: expected a checkpoint, got none`);
    return files;
  }

  async remove(step: number): Promise<void> {
    this.#steps.delete(step);
  }
}
