import { VERSION } from '../version.ts';
import type { Engine } from './engine.ts';
import { type Json, named, schemas } from './openapi-schemas.ts';
import type { Limits } from './options.ts';

/** Statuses of what goes wrong, as every route with a body may answer them. */
const FAULTS: Readonly<Record<number, string>> = {
  400: 'The body is no JSON in UTF-8, or a text is empty.',
  408: 'The body came too slowly.',
  413: 'The body has too many bytes, or too many texts.',
  415: 'The body is not said to be JSON.',
  422: 'The body has not the form that is asked for, or a text has too many tokens and may not be cut.',
  424: 'The model does not do this, or has no finite result for a text.',
  429: 'Too much is waiting.',
  500: 'A fault of the server.',
  503: 'The texts waited too long for their turn, or the server is stopping.',
};

/** An OpenAPI 3.1 document of the service as it is configured, every status and every limit told. */
export function openapi(engine: Engine, limits: Limits): Json {
  const get = (operationId: string, summary: string, content: Json | undefined, further: Json = {}) => {
    const operation = (id: string, ok: Json) => ({
      operationId: id,
      summary,
      responses: { 200: { description: summary, ...ok }, ...further, 500: fault(500) },
    });
    return {
      get: operation(operationId, content ? { content } : {}),
      head: operation(`${operationId}Head`, {}),
    };
  };
  const post = (operationId: string, summary: string, request: string, response: string) => ({
    post: {
      operationId,
      summary,
      description:
        `Bodies of at most ${limits.maxBodyBytes} bytes, whole within ${limits.bodyTimeout} s; at most ` +
        `${limits.maxClientBatchSize} texts, each of at most ${engine.maxInputLength} tokens and ${engine.maxInputUnits} UTF-16 code units ` +
        'unless it may be cut.',
      requestBody: { required: true, content: json(named(request)) },
      responses: {
        200: { description: summary, content: json(named(response)) },
        ...Object.fromEntries(Object.keys(FAULTS).map((status) => [status, fault(Number(status))])),
      },
    },
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'bertwasm',
      version: VERSION,
      description:
        'Text classification in WebAssembly, with the routes of Text Embeddings Inference. Any other path answers as ' +
        '`NotFound` and any other method as `MethodNotAllowed` among the components say.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      '/predict': post('predict', 'What the head of the model makes of texts.', 'PredictRequest', 'PredictResponse'),
      '/embed': post('embed', 'A vector for each text.', 'EmbedRequest', 'EmbedResponse'),
      '/health': get('health', 'The server takes requests.', undefined, { 503: fault(503) }),
      '/info': get('info', 'The model that is served, and the limits.', json(named('Info'))),
      '/metrics': get('metrics', 'Metrics in the text format of Prometheus.', {
        'text/plain': { schema: { type: 'string' } },
      }),
      '/openapi.json': get('openapi', 'This document.', json({ type: 'object' })),
    },
    components: {
      schemas: schemas(engine, limits),
      responses: {
        NotFound: { description: 'There is no such path.', content: json(named('ErrorResponse')) },
        MethodNotAllowed: {
          description: 'The path takes another method.',
          headers: { Allow: { required: true, schema: { type: 'string' } } },
          content: json(named('ErrorResponse')),
        },
      },
    },
  };
}

function fault(status: number): Json {
  const retryAfter = { 'Retry-After': { required: true, description: 'Seconds.', schema: { type: 'integer' } } };
  return {
    description: FAULTS[status],
    ...(status === 429 || status === 503 ? { headers: retryAfter } : {}),
    content: json(named('ErrorResponse')),
  };
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}
