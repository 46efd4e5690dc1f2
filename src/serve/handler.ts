import { Batcher, type Work } from './batcher.ts';
import { Engine, type ServedPipeline } from './engine.ts';
import { clientGone, HttpError, overloaded } from './http-error.ts';
import { info } from './info.ts';
import { readJson } from './json-body.ts';
import { Metrics } from './metrics.ts';
import { openapi } from './openapi.ts';
import { type RequestLog, type ServeOptions, settleLimits } from './options.ts';
import { asEmbedRequest, asPredictRequest } from './requests.ts';
import { answer, type Route, type Routes } from './routes.ts';

export interface Handler {
  (request: Request): Promise<Response>;
  /** Refuses new work with 503; resolves when what is running is answered. */
  close(): Promise<void>;
}

/**
 * An HTTP service of a pipeline as one function from `Request` to `Response`, for every runtime that has those. Routes
 * and limits: docs/serve.md.
 *
 * @throws UsageError for an option that is none, or a value that is none of its
 */
export function createHandler(pipeline: ServedPipeline, given?: ServeOptions | null): Handler {
  const options = given ?? {};
  const limits = settleLimits(options);
  const { modelId = 'bertwasm', log } = options;
  const engine = new Engine(pipeline, options);
  const metrics = new Metrics();
  const batcher = new Batcher(limits, (texts, tokens) => metrics.batch(texts, tokens));
  /** Requests under way, and those of them with a body. */
  const running = { all: 0, posts: 0 };
  let closing = false;
  let onIdle = () => {};
  const idle = new Promise<void>((resolve) => {
    onIdle = resolve;
  });

  async function compute(work: Work, texts: readonly string[], truncate: boolean, request: Request, entry: RequestLog) {
    const measured = await engine.measure(texts, truncate, (tokens) => {
      if (request.signal.aborted) throw clientGone();
      batcher.checkRoom(tokens);
    });
    entry.texts = measured.length;
    entry.tokens = measured.reduce((sum, { tokens }) => sum + tokens, 0);
    return batcher.run(work, measured, request.signal);
  }

  const predict: Route = async (request, entry) => {
    const body = asPredictRequest(await readJson(request, limits), limits.maxClientBatchSize);
    const results = await compute(engine.predict(body.rawScores), body.texts, body.truncate, request, entry);
    return Response.json(body.isBatch ? results : results[0]);
  };

  const embed: Route = async (request, entry) => {
    const body = asEmbedRequest(await readJson(request, limits), limits.maxClientBatchSize);
    return Response.json(await compute(engine.embed(body.normalize), body.texts, body.truncate, request, entry));
  };

  const health: Route = () => {
    if (closing) throw stopping('health: expected a server that takes requests, got one that stops');
    return new Response(null);
  };

  const metricsText: Route = () =>
    new Response(metrics.text(batcher), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });

  const routes: Routes = {
    '/predict': { POST: (request, entry) => post(predict, request, entry) },
    '/embed': { POST: (request, entry) => post(embed, request, entry) },
    '/health': { GET: health },
    '/info': { GET: () => Response.json(info(engine, limits, modelId)) },
    '/metrics': { GET: metricsText },
    '/openapi.json': { GET: () => Response.json(openapi(engine, limits)) },
  };

  async function post(route: Route, request: Request, entry: RequestLog): Promise<Response> {
    if (closing) throw stopping('server: expected one that takes requests, got one that stops');
    if (running.posts >= limits.maxConcurrentRequests) {
      throw overloaded(
        429,
        'concurrency',
        `server: expected fewer than ${running.posts} requests under way, got one more`,
      );
    }
    running.posts++;
    try {
      return await route(request, entry);
    } finally {
      running.posts--;
    }
  }

  async function handle(request: Request): Promise<Response> {
    const start = performance.now();
    const { method } = request;
    const entry: RequestLog = { method, path: pathOf(request.url), status: 500, ms: 0, texts: 0, tokens: 0 };
    let fault: HttpError | undefined;
    let response: Response;
    running.all++;
    try {
      response = await answer(routes, request, entry);
    } catch (error) {
      // Not ours to hide, nor the client's to see.
      if (!(error instanceof HttpError)) console.error(error);
      fault =
        error instanceof HttpError ? error : new HttpError(500, 'Backend', 'server: expected an answer, got a fault');
      response = fault.response();
      if (method === 'HEAD') response = new Response(null, response);
    }
    if (closing) response.headers.set('connection', 'close');
    entry.status = response.status;
    entry.ms = performance.now() - start;
    if (fault) entry.error = fault.message;
    const route = Object.hasOwn(routes, entry.path) ? entry.path : 'other';
    metrics.request(route, entry.status, entry.ms / 1000, fault?.rejection);
    tell(log, entry);
    if (--running.all === 0 && closing) onIdle();
    return response;
  }

  return Object.assign(handle, {
    close: () => {
      closing = true;
      if (running.all === 0) onIdle();
      return idle;
    },
  });
}

/** A log that fails costs its line, and no answer. */
function tell(log: ServeOptions['log'], entry: RequestLog): void {
  try {
    log?.(entry);
  } catch (error) {
    console.error(error);
  }
}

/** Without `URL`, which throws where a client's Host has a port over 65,535, say. */
function pathOf(url: string): string {
  return /^[a-z]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] || '/';
}

function stopping(message: string): HttpError {
  return new HttpError(503, 'Unhealthy', message, { rejection: 'closing', headers: { 'retry-after': '1' } });
}
