import { DataError, UsageError } from '../errors.ts';
import { clientGone, HttpError, overloaded } from './http-error.ts';
import type { Limits } from './options.ts';
import { HAS_IMMEDIATE, turn } from './turn.ts';

/**
 * Turns without a request after which none is on its way. Node takes one for every connection it accepts and another to
 * read from it: with a batch in each turn, half of 64 connections that came at once were not heard within 10 s.
 */
const QUIET_TURNS = HAS_IMMEDIATE ? 4 : 1;

/** Between two batches: a flood of requests would leave the engine idle. */
const MOST_TURNS = 128;

/** One call of the engine: a result for each text, in order. Jobs of the same function may share a call. */
export type Work = (texts: readonly string[]) => Promise<readonly unknown[]>;

export interface MeasuredText {
  text: string;
  tokens: number;
}

/** A text that waits. */
interface Job extends MeasuredText {
  work: Work;
  request: Waiting;
  index: number;
}

/** The texts of one request. */
interface Waiting {
  results: unknown[];
  left: number;
  error: unknown;
}

/**
 * Gathers the texts of concurrent requests into calls of the engine, which computes nothing sooner by waiting for more:
 * while it runs arrivals queue, and what has queued is the next batch. The first in the queue is always in it, so none
 * starves.
 *
 * There is no loop of the batcher's own: every request that waits takes turns of the event loop, and the first to wake
 * runs the next batch. A Worker's timers end with the request that set them, so any one request's loop could leave
 * the others waiting for ever.
 */
export class Batcher {
  readonly #limits: Limits;
  readonly #onBatch: (texts: number, tokens: number) => void;
  #queue: Job[] = [];
  /** Batches begun. */
  #batches = 0;
  /** The one that is computed. */
  #running: Promise<void> | undefined;
  /** Requests that have come. */
  #arrivals = 0;

  constructor(limits: Limits, onBatch: (texts: number, tokens: number) => void) {
    this.#limits = limits;
    this.#onBatch = onBatch;
  }

  get texts(): number {
    return this.#queue.length;
  }

  get tokens(): number {
    return sumTokens(this.#queue);
  }

  /**
   * Asked while texts are tokenised too, so that no work is done for what is then refused.
   *
   * @throws HttpError 429 where that many tokens find no room beside what waits
   */
  checkRoom(tokens: number): void {
    const before = this.tokens;
    if (before > 0 && before + Math.max(tokens, 1) > this.#limits.maxQueueTokens) {
      throw overloaded(429, 'queue_full', `queue: expected room for the request, got ${before} tokens that wait`);
    }
  }

  /**
   * The result of each text.
   *
   * @throws HttpError 429 where too much waits, 503 where it waited too long, 499 where `signal` says that the client went,
   * 424 where the engine has no result for one of the texts
   */
  async run(work: Work, texts: readonly MeasuredText[], signal: AbortSignal): Promise<unknown[]> {
    const { queueTimeout } = this.#limits;
    this.checkRoom(sumTokens(texts));
    const request: Waiting = { results: [], left: texts.length, error: undefined };
    this.#arrivals++;
    this.#queue.push(...texts.map((each, index) => ({ ...each, work, request, index })));
    const deadline = performance.now() + queueTimeout * 1000;
    try {
      while (request.left > 0) {
        const seen = this.#batches;
        await this.#listen();
        if (signal.aborted) throw clientGone();
        if (request.left > 0 && (seen === this.#batches || this.#running)) await this.#runBatch();
        if (request.error !== undefined) throw request.error;
        if (request.left === texts.length && performance.now() > deadline) {
          throw overloaded(503, 'queue_timeout', `queue: expected its turn within ${queueTimeout} s, got none`);
        }
      }
    } finally {
      if (request.left > 0) this.#queue = this.#queue.filter((job) => job.request !== request);
    }
    return request.results;
  }

  /** The next batch, or that which runs: the engine has one call at a time. */
  #runBatch(): Promise<void> {
    this.#running ??= this.#computeNext().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #computeNext(): Promise<void> {
    this.#batches++;
    const batch = this.#take();
    this.#onBatch(batch.length, sumTokens(batch));
    await compute(batch);
  }

  /** Turns of the event loop until a few of them have brought no request, or another request's turn has run the batch. */
  async #listen(): Promise<void> {
    const batches = this.#batches;
    let arrivals = this.#arrivals;
    for (let turns = 0, quiet = 0; turns < MOST_TURNS && quiet < QUIET_TURNS && batches === this.#batches; turns++) {
      await turn();
      quiet = arrivals === this.#arrivals ? quiet + 1 : 0;
      arrivals = this.#arrivals;
    }
  }

  /** The first job, and those after it of the same work, in order, as far as they fit. */
  #take(): Job[] {
    const batch: Job[] = [];
    const rest: Job[] = [];
    let room = this.#limits.maxBatchTokens;
    for (const job of this.#queue) {
      const fits = job.work === this.#queue[0].work && (batch.length === 0 || job.tokens <= room);
      (fits ? batch : rest).push(job);
      // What does not fit ends the batch, or a short text would pass long ones that came before it.
      if (job.work === this.#queue[0].work) room = fits ? room - job.tokens : 0;
    }
    this.#queue = rest;
    return batch;
  }
}

/** A batch that fails is computed text by text, so that only the text at fault goes without a result. */
async function compute(batch: readonly Job[]): Promise<void> {
  try {
    const results = await batch[0].work(batch.map(({ text }) => text));
    batch.forEach(({ request, index }, i) => {
      request.results[index] = results[i];
      request.left--;
    });
  } catch (error) {
    if (batch.length > 1) for (const job of batch) await compute([job]);
    else batch[0].request.error = engineError(error);
  }
}

/** Anything but the engine's own errors is a mistake of ours, which the handler reports. */
function engineError(error: unknown): unknown {
  const isKnown = error instanceof DataError || error instanceof UsageError;
  return isKnown ? new HttpError(424, 'Backend', error.message) : error;
}

function sumTokens(texts: readonly MeasuredText[]): number {
  return texts.reduce((sum, { tokens }) => sum + tokens, 0);
}
