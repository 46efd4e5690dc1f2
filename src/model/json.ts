import { DataError } from '../errors.ts';

/** Nesting beyond this is no model's file. */
const MAX_DEPTH = 64;

/** A value for an error message: JSON on one line, at most 80 characters, control characters escaped. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  const short = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return short.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** An object of a JSON document: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON from bytes: valid UTF-8, at most 64 levels deep, no key twice in one object. Linear in the length.
 *
 * @throws DataError naming `where`
 */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  const text = decodeUtf8(bytes, where);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DataError(`${where}: expected JSON, got ${show(text.slice(0, 40))}`);
  }
  // JSON.parse silently keeps the last of two equal keys: it gives fewer keys than the text has.
  if (countKeys(value, where) !== countColons(text)) checkKeys(text, where);
  return value;
}

/** A JSON document of ours, laid out for people too. */
export function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** Text from bytes; the byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DataError(`${where}: expected UTF-8, got other bytes`);
  }
}

/**
 * Colons outside strings, one a key: what is left without escapes, strings and all else. Of a tokenizer.json of 711 kB a new process
 * counts them and the keys in 52 M instructions, in 146 M by `split` and `Object.values`.
 */
function countColons(text: string): number {
  return text.replace(/\\./g, '').replace(/"[^"]*"|[^":]+/g, '').length;
}

/** Keys of all objects in a value; an error where it is nested too deep. */
function countKeys(value: unknown, where: string, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === MAX_DEPTH) throw new DataError(`${where}: expected at most ${MAX_DEPTH} levels, got more`);
  let keys = 0;
  if (Array.isArray(value)) for (const part of value) keys += countKeys(part, where, depth + 1);
  else for (const key in value) keys += 1 + countKeys((value as Record<string, unknown>)[key], where, depth + 1);
  return keys;
}

/** Finds a key that an object has twice, in text that is valid JSON. */
function checkKeys(text: string, where: string): void {
  const scopes: Set<string>[] = [];
  let start = 0;
  let end = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      start = i++;
      while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
      end = i + 1;
    } else if (c === ':') {
      const key: string = JSON.parse(text.slice(start, end));
      const keys = scopes[scopes.length - 1];
      if (keys.has(key)) throw new DataError(`${where}: expected each key once, got ${show(key)} twice`);
      keys.add(key);
    } else if (c === '{' || c === '[') {
      scopes.push(new Set());
    } else if (c === '}' || c === ']') {
      scopes.pop();
    }
  }
}
