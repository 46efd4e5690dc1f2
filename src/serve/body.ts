import { clientGone, HttpError } from './http-error.ts';
import type { Limits } from './options.ts';
import { turn } from './turn.ts';

/**
 * The body of a request. A Content-Length over the limit is believed, and none under it.
 *
 * @throws HttpError 413 where it is too long, 408 where it is too slow, 499 where the client went
 */
export async function readBody(request: Request, limits: Limits): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array(0);
  const reader = request.body.getReader();
  const most = limits.maxBodyBytes;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refused = new AbortController();
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow(limits.bodyTimeout)), limits.bodyTimeout * 1000);
  });
  try {
    if (Number(request.headers.get('content-length')) > most) throw tooLong(most);
    return await Promise.race([collect(reader, most, refused.signal), late]);
  } catch (error) {
    if (!(error instanceof HttpError)) throw clientGone();
    refused.abort();
    void discard(reader, limits.bodyTimeout);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  most: number,
  refused: AbortSignal,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done && !refused.aborted; next = await reader.read()) {
    size += next.value.length;
    if (size > most) throw tooLong(most);
    pieces.push(next.value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}

/** Takes the rest for a while: a client still sending would see its connection reset before it saw the answer. */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>, seconds: number): Promise<void> {
  const timer = setTimeout(() => reader.cancel().catch(() => {}), seconds * 1000);
  try {
    // A stream that always has more would leave the timer unheard.
    while (!(await reader.read()).done) await turn();
  } catch {
    // The client went, which is as good an end.
  } finally {
    clearTimeout(timer);
  }
}

function tooLong(most: number): HttpError {
  return new HttpError(413, 'Validation', `body: expected at most ${most} bytes, got more`);
}

function tooSlow(seconds: number): HttpError {
  return new HttpError(408, 'Validation', `body: expected all of it within ${seconds} s, got a part`, {
    headers: { connection: 'close' },
  });
}
