import { DataError } from '../errors.ts';

/** Nesting beyond this is no model's file. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

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
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DataError(`${where}: expected UTF-8, got other bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DataError(`${where}: expected JSON, got ${show(text.slice(0, 40))}`);
  }
  checkKeys(text, where);
  return value;
}

/** JSON.parse silently keeps the last of two equal keys, so valid JSON text is walked once more for its keys. */
function checkKeys(text: string, where: string): void {
  const scopes: Set<string>[] = [];
  let start = 0;
  let end = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      start = i++;
      while (text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
      end = i + 1;
    } else if (c === COLON) {
      const raw = text.slice(start + 1, end - 1);
      const key: string = raw.includes('\\') ? JSON.parse(`"${raw}"`) : raw;
      const keys = scopes[scopes.length - 1];
      if (keys.has(key)) throw new DataError(`${where}: expected each key once, got ${show(key)} twice`);
      keys.add(key);
    } else if (c === 0x7b || c === 0x5b) {
      if (scopes.length === MAX_DEPTH) throw new DataError(`${where}: expected at most ${MAX_DEPTH} levels, got more`);
      scopes.push(new Set());
    } else if (c === 0x7d || c === 0x5d) {
      scopes.pop();
    }
  }
}
