/** 300 rows of 3,000 characters, with room. */
const MOST_BYTES = 1_000_000;

/** A request that can't be answered, and the status that says so. */
export class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The JSON object that a request posts. */
export async function readJson(request) {
  const pieces = [];
  let size = 0;
  // To its end, though it be too long: a client that still sends would hear no answer.
  for await (const piece of request.body ?? []) {
    size += piece.length;
    if (size <= MOST_BYTES) pieces.push(piece);
  }
  if (size > MOST_BYTES) throw new RequestError(413, `expected at most ${MOST_BYTES} bytes, got more`);
  let body;
  try {
    body = JSON.parse(await new Blob(pieces).text());
  } catch {}
  if (typeof body !== 'object' || body === null) throw new RequestError(400, 'expected a JSON object');
  return body;
}
