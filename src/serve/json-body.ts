import { readBody } from './body.ts';
import { HttpError } from './http-error.ts';
import type { Limits } from './options.ts';

/**
 * A body of JSON, which is UTF-8 (RFC 8259, 8.1).
 *
 * @throws HttpError 415 for another type of content, 400 for what is no JSON, and those of {@link readBody}
 */
export async function readJson(request: Request, limits: Limits): Promise<unknown> {
  checkType(request.headers);
  const bytes = await readBody(request, limits);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('UTF-8', 'other bytes');
  }
  try {
    return JSON.parse(text);
  } catch {
    // The engines' own messages differ, and quote the body; a few run out of stack where it is deep.
    throw badRequest('JSON', text === '' ? 'nothing' : 'something else');
  }
}

function checkType(headers: Headers): void {
  const type = headers.get('content-type');
  if (!/^application\/json\s*(;|$)/i.test(type ?? '')) {
    throw unsupported('content-type: expected application/json', type);
  }
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    throw unsupported('content-encoding: expected none', encoding);
  }
}

function unsupported(expected: string, got: string | null): HttpError {
  return new HttpError(415, 'Validation', `${expected}, got ${got === null ? 'none' : JSON.stringify(got)}`);
}

function badRequest(expected: string, got: string): HttpError {
  return new HttpError(400, 'Validation', `body: expected ${expected}, got ${got}`);
}
