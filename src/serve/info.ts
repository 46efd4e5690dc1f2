import { VERSION } from '../version.ts';
import { type Engine, POOLING } from './engine.ts';
import type { Limits } from './options.ts';

/** TEI's `Info`, as far as its fields mean something here; `token_classifier` is a type of model that TEI has not. */
export function info(engine: Engine, limits: Limits, modelId: string): Record<string, unknown> {
  return {
    model_id: modelId,
    model_sha: engine.config.bertwasm?.files['encoder.safetensors']?.sha256 ?? null,
    model_dtype: engine.config.bertwasm ? 'q8' : 'fp32',
    served_model_name: modelId,
    model_type: modelType(engine),
    max_concurrent_requests: limits.maxConcurrentRequests,
    max_input_length: engine.maxInputLength,
    max_batch_tokens: limits.maxBatchTokens,
    max_client_batch_size: limits.maxClientBatchSize,
    auto_truncate: false,
    tokenization_workers: 1,
    version: VERSION,
  };
}

function modelType({ task, config: { labels } }: Engine): Record<string, unknown> {
  if (task === 'none') return { embedding: { pooling: POOLING } };
  const names = {
    id2label: Object.fromEntries(labels.entries()),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  };
  return task === 'token' ? { token_classifier: names } : { classifier: names };
}
