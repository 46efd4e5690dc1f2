/** SHA-256 in hex of bytes, of an array of numbers as it lies in memory, or of a value as JSON. */
export async function digest(value) {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : // JSON writes each number in the shortest form that gives the same bits again.
      new TextEncoder().encode(JSON.stringify(value));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
