import { UsageError } from '../errors.ts';
import { AGGREGATION_STRATEGIES, type AggregationStrategy } from '../tasks/aggregation.ts';
import { checkOptions } from '../tasks/options.ts';

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
  /** Until the first text of a request is computed (503). What is begun is finished. */
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
export interface RequestLog {
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
  /**
   * Tokens of a text, special tokens included; by default as many as the model takes. Longer ones are cut, or refused (422), as are
   * those of over 32 UTF-16 code units for each of these tokens.
   */
  maxInputLength?: number;
  /** From labels of tokens to entities, where the model labels tokens. Default `first`, as heads here are trained. */
  aggregationStrategy?: AggregationStrategy;
  /** Told of every request. */
  log?: (entry: RequestLog) => void;
}

/** Seconds: beyond it a timer fires at once. */
export const MOST_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
const OPTIONS = [...LIMIT_NAMES, 'modelId', 'maxInputLength', 'aggregationStrategy', 'log'] as const;

/** @throws UsageError naming an option that is none, or its wrong value */
export function settleLimits(given: ServeOptions): Limits {
  const options = checkOptions(given, OPTIONS);
  const { aggregationStrategy: strategy } = options;
  if (strategy !== undefined && !AGGREGATION_STRATEGIES.includes(strategy)) {
    throw new UsageError(`aggregationStrategy: expected ${AGGREGATION_STRATEGIES.join(', ')}, got ${strategy}`);
  }
  for (const [name, type] of [
    ['modelId', 'string'],
    ['log', 'function'],
  ] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== type) throw new UsageError(`${name}: expected a ${type}, got ${value}`);
  }
  const limits = { ...DEFAULT_LIMITS };
  for (const name of LIMIT_NAMES) {
    const value = options[name] ?? DEFAULT_LIMITS[name];
    const isTime = name.endsWith('Timeout');
    if (typeof value !== 'number' || !(value > 0 && (isTime ? value <= MOST_SECONDS : Number.isSafeInteger(value)))) {
      const expected = isTime ? `seconds over 0, at most ${MOST_SECONDS}` : 'a whole number over 0';
      throw new UsageError(`${name}: expected ${expected}, got ${value}`);
    }
    limits[name] = value;
  }
  return limits;
}
