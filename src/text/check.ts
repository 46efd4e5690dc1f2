import { DataError } from '../errors.ts';
import { isObject, show } from '../model/json.ts';

/** Checks of parsed JSON. `where` names the file and the place in it. */
export type Json = Record<string, unknown>;

export function fault(where: string, expected: string, got: unknown): DataError {
  return new DataError(`${where}: expected ${expected}, got ${show(got)}`);
}

export function object(value: unknown, where: string): Json {
  if (!isObject(value)) throw fault(where, 'an object', value);
  return value;
}

export function array(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw fault(where, 'an array', value);
  return value;
}

export function string(value: unknown, where: string): string {
  if (typeof value !== 'string') throw fault(where, 'a string', value);
  return value;
}

/** A Boolean, or `otherwise` where the file says nothing. */
export function boolean(value: unknown, where: string, otherwise: boolean): boolean {
  const chosen = value ?? otherwise;
  if (typeof chosen !== 'boolean') throw fault(where, 'true or false', value);
  return chosen;
}

export function integer(value: unknown, where: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw fault(where, `an integer from ${least} to ${most}`, value);
  }
  return value;
}
