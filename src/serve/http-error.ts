/** As TEI writes them: `ErrorType` of its router, capital letters included. */
export const ERROR_TYPES = ['Unhealthy', 'Backend', 'Overloaded', 'Validation', 'Tokenizer', 'Empty'] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** Why load, and no fault of the request itself, was the reason to refuse it. */
export const REJECTIONS = ['queue_full', 'concurrency', 'queue_timeout', 'closing'] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** What a proxy of the name made common: the client has gone, and nobody reads the answer. */
export const CLIENT_GONE = 499;

/** A request that gets no result, and the status that says so. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly type: ErrorType;
  readonly headers: Record<string, string>;
  readonly rejection: Rejection | undefined;

  constructor(
    status: number,
    type: ErrorType,
    message: string,
    { headers = {}, rejection }: { headers?: Record<string, string>; rejection?: Rejection } = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.headers = headers;
    this.rejection = rejection;
  }

  /** TEI's body: `{ error, error_type }`. */
  response(): Response {
    return Response.json(
      { error: this.message, error_type: this.type },
      { status: this.status, headers: { ...this.headers } },
    );
  }
}

/** 422: well-formed, but not what the route takes. */
export function invalid(message: string): HttpError {
  return new HttpError(422, 'Validation', message);
}

/** A refusal that another try may not meet. */
export function overloaded(status: 429 | 503, rejection: Rejection, message: string): HttpError {
  return new HttpError(status, 'Overloaded', message, { rejection, headers: { 'retry-after': '1' } });
}

export function clientGone(): HttpError {
  return new HttpError(CLIENT_GONE, 'Validation', 'request: expected a client that waits, got a closed connection');
}
