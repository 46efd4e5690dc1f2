import { DataError } from '../errors.ts';
import { readTensorFile, writeTensorFile } from '../model/tensor-file.ts';
import type { TrainingBackend } from './backend.ts';
import { inExcess } from './best-model.ts';
import { checkpointName, MOMENTS, OPTIMIZER_FILE, STATE_FILE } from './checkpoint-names.ts';
import type { CheckpointFiles, CheckpointStore } from './checkpoints.ts';
import { readTrainerState } from './read-trainer-state.ts';
import type { RunIdentity, RunState } from './run-state.ts';
import { trainerState, writeTrainerState } from './trainer-state.ts';

/** How the weights of a back end are kept in files. */
export interface ModelFiles {
  /** Of every weight by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  save(weights: ReadonlyMap<string, Float32Array>): CheckpointFiles;
  /**
   * The inverse.
   *
   * @throws DataError where the files are not those of such a model
   */
  load(files: CheckpointFiles): ReadonlyMap<string, Float32Array>;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** The weights of a back end's state, without the moments. */
export function weightsOf(state: ReadonlyMap<string, Float32Array>, { shapes }: ModelFiles): Map<string, Float32Array> {
  return new Map(Array.from(shapes.keys(), (name) => [name, state.get(name) as Float32Array]));
}

/** The checkpoints of one run: weights, moments, and where the run stands. None is trusted before it is checked. */
export class RunCheckpoints {
  readonly #store: CheckpointStore;
  readonly #model: ModelFiles;
  readonly #backend: TrainingBackend;
  readonly #identity: RunIdentity;
  readonly #momentShapes: Shapes;

  constructor(store: CheckpointStore, model: ModelFiles, backend: TrainingBackend, identity: RunIdentity) {
    this.#store = store;
    this.#model = model;
    this.#backend = backend;
    this.#identity = identity;
    this.#momentShapes = new Map(
      Array.from(model.shapes).flatMap(([name, shape]) => MOMENTS.map(([, suffix]) => [name + suffix, shape])),
    );
  }

  async save(run: RunState): Promise<void> {
    // The best may lie between two checkpoints: then the one before it stays the best that there is.
    if (run.bestStep === run.step) run.bestCheckpoint = run.step;
    const state = await this.#backend.state();
    await this.#store.save(run.step, {
      ...this.#model.save(weightsOf(state, this.#model)),
      [OPTIMIZER_FILE]: writeTensorFile(state, this.#momentShapes),
      [STATE_FILE]: writeTrainerState(trainerState(run, this.#identity)),
    });
    await this.#removeExcess(run);
  }

  /**
   * Puts the newest checkpoint into the back end.
   *
   * @returns where its run stands; nothing where there is no checkpoint
   * @throws DataError where it is damaged or of other data
   * @throws UsageError where it is of other arguments
   */
  async resume(): Promise<RunState | undefined> {
    const steps = await this.#store.list();
    const newest = steps.at(-1);
    if (newest === undefined) return undefined;
    const files = await this.restore(newest);
    const where = `${checkpointName(newest)}/${STATE_FILE}`;
    const run = readTrainerState(file(files, newest, STATE_FILE), this.#identity, where);
    if (run.step !== newest) throw new DataError(`${where}: global_step: expected ${newest}, got ${run.step}`);
    if (run.bestCheckpoint !== null && !steps.includes(run.bestCheckpoint)) {
      throw new DataError(
        `${where}: expected the best model, ${checkpointName(run.bestCheckpoint)}, got no such checkpoint`,
      );
    }
    // It may have been broken off before it removed them.
    await this.#removeExcess(run);
    return run;
  }

  /** Puts the weights and moments of a checkpoint into the back end. */
  async restore(step: number): Promise<CheckpointFiles> {
    const files = await this.#store.load(step);
    const where = `${checkpointName(step)}/${OPTIMIZER_FILE}`;
    const moments = readTensorFile(file(files, step, OPTIMIZER_FILE), where).tensors(this.#momentShapes);
    await this.#backend.restore(new Map([...this.#model.load(files), ...moments]));
    return files;
  }

  async #removeExcess(run: RunState): Promise<void> {
    const { save_total_limit } = this.#identity.arguments;
    for (const step of inExcess(await this.#store.list(), run.bestCheckpoint, save_total_limit)) {
      await this.#store.remove(step);
    }
  }
}

function file(files: CheckpointFiles, step: number, name: string): Uint8Array {
  const bytes = Object.hasOwn(files, name) ? files[name] : undefined;
  if (!bytes) throw new DataError(`${checkpointName(step)}: expected ${name}, got no such file`);
  return bytes;
}
