import type { HeadTask } from '../model/config.ts';
import type { AggregationStrategy } from '../tasks/aggregation.ts';
import { type FeatureExtractionPipeline, featureExtraction } from '../tasks/feature-extraction.ts';
import type { TextClassificationPipeline } from '../tasks/text-classification.ts';
import type { TokenClassificationPipeline } from '../tasks/token-classification.ts';
import { maxTokens, windowsOf } from '../tasks/windows.ts';
import type { MeasuredText, Work } from './batcher.ts';
import { HttpError, invalid } from './http-error.ts';
import type { ServeOptions } from './options.ts';

/** What can be served: with a head it predicts, and its encoder embeds in any case. */
export type ServedPipeline = TextClassificationPipeline | TokenClassificationPipeline | FeatureExtractionPipeline;

/** Vectors are the mean over a text's tokens, which the models of sentence-transformers are trained for. */
export const POOLING = 'mean';

/** The two questions that requests ask of a pipeline, as functions that a batch can share. */
export class Engine {
  readonly maxInputLength: number;
  readonly aggregationStrategy: AggregationStrategy;
  readonly #pipeline: ServedPipeline;
  readonly #encode: ReturnType<typeof windowsOf>;
  readonly #predict: { scores: Work; rawScores: Work };
  readonly #embed: { normalized: Work; plain: Work };

  /** @throws UsageError where the model takes fewer tokens than `maxInputLength` */
  constructor(pipeline: ServedPipeline, options: Pick<ServeOptions, 'maxInputLength' | 'aggregationStrategy'>) {
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
    this.#predict =
      this.task === 'token' ? { scores: find, rawScores: find } : { scores: classify(), rawScores: classify('none') };
    const extract = featureExtraction(model, tokenizer);
    const embed = (normalize: boolean): Work => {
      return async (texts) => (await extract(texts, { pooling: POOLING, normalize, max_length })).tolist();
    };
    this.#embed = { normalized: embed(true), plain: embed(false) };
  }

  get task(): HeadTask {
    return this.#pipeline.model.config.head;
  }

  get config(): ServedPipeline['model']['config'] {
    return this.#pipeline.model.config;
  }

  predict(rawScores: boolean): Work {
    if (this.task === 'none') throw new HttpError(424, 'Backend', 'model: expected one that predicts, got an encoder');
    if (rawScores && this.task === 'token') {
      throw invalid('raw_scores: expected false with a model that labels tokens, got true');
    }
    return rawScores ? this.#predict.rawScores : this.#predict.scores;
  }

  embed(normalize: boolean): Work {
    return normalize ? this.#embed.normalized : this.#embed.plain;
  }

  /**
   * What each text costs. It is tokenised once more when it is computed, which takes a thousandth of the time.
   *
   * @throws HttpError 422 for a text that is too long, unless it may be cut
   */
  measure(texts: readonly string[], truncate: boolean): MeasuredText[] {
    return texts.map((text, i) => {
      const [{ ids, truncated }] = this.#encode(text);
      if (truncated && !truncate) {
        throw invalid(`text ${i}: expected at most ${this.maxInputLength} tokens, got more; truncate: true cuts it`);
      }
      return { text, tokens: ids.length };
    });
  }
}
