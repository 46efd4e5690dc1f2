import type { Batcher } from './batcher.ts';
import { Counter, gauge, Histogram } from './exposition.ts';
import { REJECTIONS, type Rejection } from './http-error.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const POWERS_OF_2 = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** What a server tells of itself. */
export class Metrics {
  readonly #requests = new Counter('bertwasm_requests_total', 'Requests answered, by route and status.');
  readonly #seconds = new Histogram(
    'bertwasm_request_duration_seconds',
    'From the head of a request to its answer.',
    SECONDS,
  );
  readonly #rejections = new Counter(
    'bertwasm_rejections_total',
    'Requests that load or a stop refused, by reason.',
    REJECTIONS.map((reason) => ({ reason })),
  );
  readonly #tokens = new Counter('bertwasm_tokens_total', 'Tokens that the engine has read.', [{}]);
  readonly #batchTexts = new Histogram('bertwasm_batch_texts', 'Texts of a call of the engine.', POWERS_OF_2);
  readonly #batchTokens = new Histogram('bertwasm_batch_tokens', 'Tokens of a call of the engine.', POWERS_OF_2);

  /** @param route of those that there are, since a label for every path asked would take any amount of memory */
  request(route: string, status: number, seconds: number, rejection: Rejection | undefined): void {
    this.#requests.add({ route, status: String(status) });
    this.#seconds.observe(seconds, { route });
    if (rejection) this.#rejections.add({ reason: rejection });
  }

  batch(texts: number, tokens: number): void {
    this.#batchTexts.observe(texts);
    this.#batchTokens.observe(tokens);
    this.#tokens.add({}, tokens);
  }

  text({ texts, tokens }: Pick<Batcher, 'texts' | 'tokens'>): string {
    const lines = [
      this.#requests.lines(),
      this.#seconds.lines(),
      this.#rejections.lines(),
      gauge('bertwasm_queue_texts', 'Texts that wait for the engine.', texts),
      gauge('bertwasm_queue_tokens', 'Tokens that wait for the engine.', tokens),
      this.#batchTexts.lines(),
      this.#batchTokens.lines(),
      this.#tokens.lines(),
    ];
    return `${lines.flat().join('\n')}\n`;
  }
}
