import type { CheckpointStore } from '../train/checkpoints.ts';

/** The user's Ctrl-C, which ended work that can be gone on with. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/**
 * Ends `work` at Ctrl-C, between two steps.
 *
 * @throws Interrupted telling which of its checkpoints it can be gone on from
 */
export async function untilInterrupted<T>(
  checkpoints: CheckpointStore,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort(new Interrupted('stopped'));
  process.once('SIGINT', onInterrupt);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const saved = (await checkpoints.list()).at(-1);
    throw new Interrupted(
      `stopped; ${saved === undefined ? 'nothing is saved yet' : `--resume goes on from step ${saved}`}`,
    );
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
