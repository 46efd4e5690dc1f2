import { UsageError } from '../errors.ts';
import { kind } from './texts.ts';

/**
 * The options of a call, where a caller without types may have given anything; null is as good as none.
 *
 * @throws UsageError naming an option that is none of `known`, which would be ignored in silence
 */
export function checkOptions<T extends object>(options: T | null | undefined, known: readonly (keyof T)[]): T {
  const given = options ?? ({} as T);
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new UsageError(`options: expected an object, got ${kind(given)}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name as keyof T));
  if (unknown !== undefined) throw new UsageError(`options: expected ${known.join(', ')}, got ${unknown}`);
  return given;
}
