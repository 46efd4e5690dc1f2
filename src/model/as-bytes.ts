/** Bytes as a caller may have them: a Uint8Array, or the ArrayBuffer that `fetch`, KV and R2 give. */
export type Bytes = Uint8Array | ArrayBuffer;

/** The same bytes as an array; `undefined` where it is something else. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}
