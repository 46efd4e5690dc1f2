import { kind } from '../tasks/texts.ts';
import { HttpError, invalid } from './http-error.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Fields that are not asked for are ignored, as TEI ignores them. */
export function asFields(body: unknown): Fields {
  if (kind(body) !== 'object') throw invalid(`body: expected an object, got ${kind(body)}`);
  return body as Fields;
}

export function asBoolean(fields: Fields, name: string, byDefault: boolean): boolean {
  const value = Object.hasOwn(fields, name) ? fields[name] : byDefault;
  if (typeof value !== 'boolean') throw invalid(`${name}: expected a boolean, got ${kind(value)}`);
  return value;
}

/** What every route takes of how a text is cut: `truncate`, where null is as good as none, and from which end. */
export function asTruncate(fields: Fields): boolean {
  const direction = Object.hasOwn(fields, 'truncation_direction') ? fields.truncation_direction : 'Right';
  if (direction !== 'Right' && direction !== 'right') {
    const got = typeof direction === 'string' ? 'another word' : kind(direction);
    throw invalid(`truncation_direction: expected Right, since texts are cut at their end here, got ${got}`);
  }
  return fields.truncate === null ? false : asBoolean(fields, 'truncate', false);
}

/** A field of TEI's that nothing here answers to. */
export function refuse(fields: Fields, name: string): void {
  if ((fields[name] ?? null) !== null) throw invalid(`${name}: expected none, since it is not supported here, got one`);
}

/** A text at the place `where`. */
export function asText(value: unknown, where: string): string {
  if (typeof value !== 'string') throw invalid(`${where}: expected a string, got ${kind(value)}`);
  if (value === '') throw new HttpError(400, 'Empty', `${where}: expected a text, got an empty one`);
  if (/\p{Surrogate}/u.test(value)) throw invalid(`${where}: expected Unicode, got a lone surrogate`);
  return value;
}

/** Checks how many texts there are before any of them is looked at. */
export function checkCount({ length }: readonly unknown[], most: number): void {
  if (length === 0) throw new HttpError(400, 'Empty', 'inputs: expected a text, got none');
  if (length > most) throw new HttpError(413, 'Validation', `inputs: expected at most ${most} texts, got ${length}`);
}
