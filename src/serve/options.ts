import { UsageError } from '../errors.ts';
import type { AggregationStrategy } from '../tasks/aggregation.ts';

/** All limits have a default; times are in seconds. */
export interface Limits {
  /** Bytes of a body, counted as they come (413). TEI's `payload_limit`. */
  maxBodyBytes: number;
  /** Texts of one request (413). */
  maxClientBatchSize: number;
  /** Tokens of one engine call, during which nothing else is heard; a longer text goes alone. */
  maxBatchTokens: number;
  /** Tokens that wait (429). A request that finds nothing waiting is always taken. */
  maxQueueTokens: number;
  /** Requests with a body that are under way, reading theirs or waiting (429). */
  maxConcurrentRequests: number;
  /** Until a body has come whole (408). */
  bodyTimeout: number;
  /** Until the last text of a request is computed (503). */
  queueTimeout: number;
}

/** More tokens than 512 in a call gain nothing: the engine runs them in pieces of 512 itself. */
export const DEFAULT_LIMITS: Limits = {
  maxBodyBytes: 2_000_000,
  maxClientBatchSize: 32,
  maxBatchTokens: 512,
  maxQueueTokens: 32_768,
  maxConcurrentRequests: 512,
  bodyTimeout: 10,
  queueTimeout: 30,
};

/** What is known of a request once it is answered. */
export interface LogEntry {
  method: string;
  path: string;
  status: number;
  /** Milliseconds from the head of the request to its answer. */
  ms: number;
  texts: number;
  tokens: number;
  error?: string;
}

export interface ServeOptions extends Partial<Limits> {
  /** Name of the model in /info. Default `bertwasm`. */
  modelId?: string;
  /** Tokens of a text, special tokens included; by default as many as the model takes. Longer ones are cut, or refused (422). */
  maxInputLength?: number;
  /** From labels of tokens to entities, where the model labels tokens. Default `first`, as heads here are trained. */
  aggregationStrategy?: AggregationStrategy;
  /** Told of every request. */
  log?: (entry: LogEntry) => void;
}

/** @throws UsageError naming the limit that is no number over 0 */
export function settleLimits(options: ServeOptions): Limits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value = options[name] ?? DEFAULT_LIMITS[name];
    const isTime = name.endsWith('Timeout');
    if (!(value > 0 && (isTime ? Number.isFinite(value) : Number.isSafeInteger(value)))) {
      throw new UsageError(`${name}: expected a ${isTime ? '' : 'whole '}number over 0, got ${value}`);
    }
    limits[name] = value;
  }
  return limits;
}
