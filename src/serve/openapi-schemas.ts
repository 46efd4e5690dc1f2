import type { Engine } from './engine.ts';
import { ERROR_TYPES } from './http-error.ts';
import type { Limits } from './options.ts';

export type Json = { readonly [name: string]: unknown };

/** A schema of the components by its name. */
export function named(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

const list = (items: Json, bounds: Json = {}): Json => ({ type: 'array', items, ...bounds });
const object = (properties: Json, optional: readonly string[] = []): Json => ({
  type: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const closed = (properties: Json): Json => ({ ...object(properties), additionalProperties: false });

const COUNT = { type: 'integer', minimum: 0 };
const POSITIVE = { type: 'integer', minimum: 1 };
const TRUNCATION = {
  truncate: { type: ['boolean', 'null'], default: false, description: 'Cut a text that is too long.' },
  truncation_direction: { enum: ['Right', 'right'], default: 'Right' },
};

/** What requests and answers look like, with the labels of the model and the limits of the server. */
export function schemas(engine: Engine, { maxClientBatchSize }: Limits): Json {
  const { task, config } = engine;
  const label = { enum: config.labels };
  const some = { minItems: 1, maxItems: maxClientBatchSize };
  return {
    Text: { type: 'string', minLength: 1 },
    PredictRequest: object(
      {
        inputs: {
          oneOf: [
            named('Text'),
            list(named('Text'), { minItems: 1, maxItems: 1 }),
            list(list(named('Text'), { minItems: 1, maxItems: 1 }), some),
          ],
        },
        raw_scores: task === 'token' ? { const: false } : { type: 'boolean', default: false },
        ...TRUNCATION,
      },
      ['raw_scores', ...Object.keys(TRUNCATION)],
    ),
    EmbedRequest: object(
      {
        inputs: { oneOf: [named('Text'), list(named('Text'), some)] },
        normalize: { type: 'boolean', default: true },
        prompt_name: { type: 'null' },
        dimensions: { type: 'null' },
        ...TRUNCATION,
      },
      ['normalize', 'prompt_name', 'dimensions', ...Object.keys(TRUNCATION)],
    ),
    // Of one text and of a batch; a token model may find nothing, so that [] is either.
    PredictResponse: { anyOf: [named('Predictions'), list(named('Predictions'), some)] },
    Predictions: task === 'token' ? list(entity(engine)) : predictions(label, config.labels.length),
    EmbedResponse: list(list({ type: 'number' }, { minItems: config.dim, maxItems: config.dim }), some),
    Info: closed({
      model_id: { type: 'string' },
      model_sha: { type: ['string', 'null'], description: 'SHA-256 of the encoder.' },
      model_dtype: { enum: ['q8', 'fp32'] },
      served_model_name: { type: 'string' },
      model_type: { type: 'object', minProperties: 1, maxProperties: 1 },
      max_concurrent_requests: POSITIVE,
      max_input_length: POSITIVE,
      max_batch_tokens: POSITIVE,
      max_client_batch_size: POSITIVE,
      auto_truncate: { const: false },
      tokenization_workers: { const: 1 },
      version: { type: 'string' },
    }),
    ErrorResponse: closed({ error: { type: 'string' }, error_type: { enum: ERROR_TYPES } }),
  };
}

function predictions(label: Json, count: number): Json {
  return list(closed({ label, score: { type: 'number' } }), { minItems: count, maxItems: count });
}

function entity({ aggregationStrategy, config: { labels } }: Engine): Json {
  const place = { score: { type: 'number' }, word: { type: 'string' }, start: COUNT, end: COUNT };
  if (aggregationStrategy === 'none') return closed({ entity: { enum: labels }, index: COUNT, ...place });
  return closed({ entity_group: { type: 'string' }, ...place });
}
