/** Bytes as a caller may have them: a Uint8Array, or the ArrayBuffer that `fetch`, KV and R2 give. */
export type Bytes = Uint8Array | ArrayBuffer;

/** The same bytes as an array; `undefined` where it is something else. By its tag: it may be another realm's. */
export function asBytes(value: unknown): Uint8Array | undefined {
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Uint8Array]') return value as Uint8Array;
  return tag === '[object ArrayBuffer]' ? new Uint8Array(value as ArrayBuffer) : undefined;
}
