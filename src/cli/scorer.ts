import { DataError, UsageError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { show } from '../model/json.ts';
import { pipeline } from '../platform/node.ts';
import { Confusion } from '../tasks/confusion.ts';
import { maxTokens, windowsOf } from '../tasks/windows.ts';
import { wordEncoder } from '../train/encode-words.ts';
import { type EvaluationDetails, measure } from '../train/metrics.ts';
import type { SequenceRow, TokenRow } from '../train/rows.ts';
import { type ModelOptions, pipelineOptions, type ReadingOptions } from './options.ts';

/** Compares what a model says with what rows say, a batch at a time. */
export interface Scorer<Row> {
  add(rows: readonly Row[]): Promise<void>;
  /** Rows whose end the model did not read. */
  readonly truncated: number;
  result(): EvaluationDetails;
}

type ScorerOptions = ModelOptions & ReadingOptions;

export async function textScorer(config: ModelConfig, options: ScorerOptions): Promise<Scorer<SequenceRow>> {
  const classify = await pipeline('text-classification', options.model, pipelineOptions(options));
  const { labels } = config;
  const ids = new Map(labels.map((label, id) => [label, id]));
  const several = config.problemType === 'multi_label_classification';
  const confusion = new Confusion(labels);
  const logits: number[] = [];
  const targets: number[] = [];
  let cut = 0;
  return {
    get truncated() {
      return cut;
    },
    async add(rows) {
      const results = await classify.details(
        rows.map(({ text }) => text),
        {
          max_length: options.maxLength,
          stride: options.stride,
          ...(several ? { top_k: null, function_to_apply: 'none' } : {}),
        },
      );
      for (const [i, { labels: found, truncated }] of results.entries()) {
        if (truncated) cut++;
        const { label, place } = rows[i];
        if (Array.isArray(label) !== several) {
          throw new DataError(`${place}: expected ${several ? 'an array of labels' : 'one label'}, got ${show(label)}`);
        }
        if (several) {
          const scores = new Map(found.map(({ label, score }) => [label, score]));
          logits.push(...labels.map((name) => scores.get(name) as number));
          targets.push(...labels.map((name) => Number(label.includes(name))));
        } else {
          confusion.add(ids.get(label as string) as number, ids.get(found[0].label) as number);
        }
      }
    },
    result() {
      if (!several) return { kind: 'single', metrics: confusion.metrics() };
      const rows = targets.length / labels.length;
      return measure(Float32Array.from(logits), {
        kind: 'multi',
        labels,
        starts: Uint32Array.from({ length: rows + 1 }, (_, row) => row),
        targets: Float32Array.from(targets),
      });
    },
  };
}

/** Compares tags at the first token of each word, as Hugging Face's guide to token classification does. */
export async function tokenScorer(config: ModelConfig, options: ScorerOptions): Promise<Scorer<TokenRow>> {
  if (options.stride !== undefined) throw new UsageError('--stride: expected a model for texts, got one for tokens');
  const { model, tokenizer } = await pipeline('token-classification', options.model, pipelineOptions(options));
  windowsOf(tokenizer, config, { max_length: options.maxLength }); // checks the length
  const encode = wordEncoder(tokenizer, options.maxLength ?? maxTokens(tokenizer, config));
  const { labels } = config;
  const ids = new Map(labels.map((label, id) => [label, id]));
  const L = labels.length;
  const logits: number[] = [];
  const targets: number[] = [];
  const starts = [0];
  let cut = 0;
  return {
    get truncated() {
      return cut;
    },
    async add(rows) {
      const sentences = rows.map(({ tokens }) => encode(tokens));
      const results = model.tokenLogits(sentences.map((sentence) => sentence.ids));
      for (const [i, { firsts, truncated }] of sentences.entries()) {
        if (truncated) cut++;
        firsts.forEach((token, word) => {
          if (token < 0) return;
          logits.push(...results[i].subarray(token * L, (token + 1) * L));
          targets.push(ids.get(rows[i].tags[word]) as number);
        });
        starts.push(targets.length);
      }
    },
    result: () =>
      measure(Float32Array.from(logits), {
        kind: 'token',
        labels,
        starts: Uint32Array.from(starts),
        targets: Int32Array.from(targets),
      }),
  };
}
