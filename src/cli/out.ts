import { realpathSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/**
 * Checks the directory that `--out` names.
 *
 * @param source the directory that is read from
 * @param kind what that is, for messages
 */
export function checkOut(out: string, source: string, kind: 'checkpoint' | 'encoder' | 'model'): void {
  if (out === '') throw new UsageError('--out: expected a directory, got an empty name');
  if (samePath(out, source)) throw new UsageError(`--out: expected another directory than the ${kind}'s, got ${out}`);
}

function samePath(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}
