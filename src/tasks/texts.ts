import { UsageError } from '../errors.ts';

/** One text or an array of texts, as an array; anything else is a {@link UsageError} that names its index and type. */
export function asTexts(input: unknown): string[] {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input))
    throw new UsageError(`texts: expected a string or an array of strings, got ${kind(input)}`);
  for (let i = 0; i < input.length; i++) {
    if (typeof input[i] !== 'string') throw new UsageError(`texts[${i}]: expected a string, got ${kind(input[i])}`);
  }
  return input;
}

/** What a value is, in the words of an error message. */
export function kind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
