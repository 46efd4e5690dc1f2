/**
 * Whether a name found in a file may be opened beside it: letters, digits, `.`, `_` and `-`, not starting with a
 * dot. Anything else (separators, `..`, drive letters, NUL) could lead out of the model's directory.
 */
export function isPlainFileName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/.test(name);
}
