import { UsageError } from '../errors.ts';
import type { HeadTask } from '../model/config.ts';
import type { AggregationStrategy } from '../tasks/aggregation.ts';
import { type FeatureExtractionPipeline, featureExtraction } from '../tasks/feature-extraction.ts';
import type { TextClassificationPipeline } from '../tasks/text-classification.ts';
import type { TokenClassificationPipeline } from '../tasks/token-classification.ts';
import { maxTokens, windowsOf } from '../tasks/windows.ts';
import type { MeasuredText, Work } from './batcher.ts';
import { HttpError, invalid } from './http-error.ts';
import type { ServeOptions } from './options.ts';
import { turn } from './turn.ts';

/** What can be served: with a head it predicts, and its encoder embeds in any case. */
export type ServedPipeline = TextClassificationPipeline | TokenClassificationPipeline | FeatureExtractionPipeline;

/** Vectors are the mean over a text's tokens, which the models of sentence-transformers are trained for. */
export const POOLING = 'mean';

/**
 * Code units of a text that are looked at, for each token that is read: six times those of English. The tokenizer reads a text to its
 * end before it cuts, 1.5 s of Hangul in a body of 2 MB.
 */
const MOST_UNITS = 32;

/** A text so long takes milliseconds to tokenise; others are heard before the next. */
const LONG = 1000;

/** The two questions that requests ask of a pipeline, as functions that a batch can share. */
export class Engine {
  readonly maxInputLength: number;
  readonly aggregationStrategy: AggregationStrategy;
  readonly #pipeline: ServedPipeline;
  readonly #encode: ReturnType<typeof windowsOf>;
  readonly #predict: { scores: Work; rawScores?: Work };
  readonly #embed: { normalized: Work; plain: Work };

  /** @throws UsageError where the model takes fewer tokens than `maxInputLength`, or it is no pipeline */
  constructor(pipeline: ServedPipeline, options: Pick<ServeOptions, 'maxInputLength' | 'aggregationStrategy'>) {
    if (typeof pipeline !== 'function' || !('model' in pipeline)) {
      throw new UsageError('pipeline: expected what pipeline() gives, got another value');
    }
    const { model, tokenizer } = pipeline;
    const max_length = options.maxInputLength ?? maxTokens(tokenizer, model.config);
    const aggregation_strategy = options.aggregationStrategy ?? 'first';
    this.maxInputLength = max_length;
    this.aggregationStrategy = aggregation_strategy;
    this.#pipeline = pipeline;
    this.#encode = windowsOf(tokenizer, model.config, { max_length });
    const classify = (function_to_apply?: 'none'): Work => {
      return async (texts) => {
        const results = await (pipeline as TextClassificationPipeline).details(texts, {
          top_k: null,
          max_length,
          function_to_apply,
        });
        return results.map(({ labels }) => labels);
      };
    };
    const find: Work = (texts) =>
      (pipeline as TokenClassificationPipeline)(texts, { max_length, aggregation_strategy });
    this.#predict = this.task === 'token' ? { scores: find } : { scores: classify(), rawScores: classify('none') };
    const extract = featureExtraction(model, tokenizer);
    const embed = (normalize: boolean): Work => {
      return async (texts) => (await extract(texts, { pooling: POOLING, normalize, max_length })).tolist();
    };
    this.#embed = { normalized: embed(true), plain: embed(false) };
  }

  /** UTF-16 code units of a text that are looked at. */
  get maxInputUnits(): number {
    return MOST_UNITS * this.maxInputLength;
  }

  /** What the pipeline does: one that extracts features has no use for its model's head. */
  get task(): HeadTask {
    return 'use' in this.#pipeline ? this.#pipeline.model.config.head : 'none';
  }

  get config(): ServedPipeline['model']['config'] {
    return this.#pipeline.model.config;
  }

  predict(rawScores: boolean): Work {
    if (this.task === 'none') throw new HttpError(424, 'Backend', 'model: expected one that predicts, got an encoder');
    const work = rawScores ? this.#predict.rawScores : this.#predict.scores;
    if (!work) throw invalid('raw_scores: expected false with a model that labels tokens, got true');
    return work;
  }

  embed(normalize: boolean): Work {
    return normalize ? this.#embed.normalized : this.#embed.plain;
  }

  /**
   * What each text costs. It is tokenised once more when it is computed, which takes a thousandth of the time.
   *
   * @param goOn asked ahead of each text with the tokens so far; it may throw
   * @throws HttpError 422 for a text that is too long, unless it may be cut
   */
  async measure(texts: readonly string[], truncate: boolean, goOn: (tokens: number) => void): Promise<MeasuredText[]> {
    const most = this.maxInputUnits;
    const measured: MeasuredText[] = [];
    let total = 0;
    for (const [i, given] of texts.entries()) {
      goOn(total);
      const text = given.slice(0, most);
      const [{ ids, truncated }] = this.#encode(text);
      if (truncated && !truncate) throw tooLong(i, `${this.maxInputLength} tokens`);
      if (given.length > most && !truncate) throw tooLong(i, `${most} UTF-16 code units`);
      measured.push({ text, tokens: ids.length });
      total += ids.length;
      if (text.length > LONG) await turn();
    }
    return measured;
  }
}

function tooLong(index: number, most: string): HttpError {
  return invalid(`text ${index}: expected at most ${most}, got more; truncate: true cuts it`);
}
