/** The names of a checkpoint's files that tell how its training goes on, and of its weights where they are a head's. */
export const STATE_FILE = 'trainer_state.json';
export const OPTIMIZER_FILE = 'optimizer.safetensors';
export const HEAD_FILE = 'head.safetensors';

/** Adam's moments, and what follows the name of a weight in theirs, as torch has it. */
export const MOMENTS = [
  ['mean', '.exp_avg'],
  ['square', '.exp_avg_sq'],
] as const;

/** The name of a checkpoint and its directory, as transformers has it. */
export function checkpointName(step: number): string {
  return `checkpoint-${step}`;
}

/** The step of that name; `undefined` where it is none. */
export function checkpointStep(name: string): number | undefined {
  const digits = /^checkpoint-(0|[1-9]\d{0,14})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
