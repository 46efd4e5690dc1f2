import { DataError, UsageError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { show } from '../model/json.ts';
import { pipeline } from '../platform/node.ts';
import { Confusion } from '../tasks/confusion.ts';
import { textClassifier } from '../tasks/text-classification.ts';
import { maxTokens, type Reading, windowsOf } from '../tasks/windows.ts';
import { type EncodedWords, wordEncoder } from '../train/encode-words.ts';
import { type EvaluationDetails, measure } from '../train/metrics.ts';
import type { SequenceRow, TokenRow } from '../train/rows.ts';
import { type ModelOptions, pipelineOptions, type ReadingOptions } from './options.ts';

/** Compares what a model says with what rows say: each row is read, then what was read is computed in batches. */
export interface Scorer<Row, Reading extends { tokens: number } = { tokens: number }> {
  read(row: Row): Reading;
  add(readings: readonly Reading[]): void;
  /** Rows whose end the model did not read. */
  readonly truncated: number;
  result(): EvaluationDetails;
}

type ScorerOptions = ModelOptions & ReadingOptions;

export async function textScorer(
  config: ModelConfig,
  options: ScorerOptions,
): Promise<Scorer<SequenceRow, Reading & { row: SequenceRow }>> {
  const { model, tokenizer } = await pipeline('text-classification', options.model, pipelineOptions(options));
  const { labels } = config;
  const ids = new Map(labels.map((label, id) => [label, id]));
  const several = config.problemType === 'multi_label_classification';
  const { read, classify } = textClassifier(model, tokenizer, {
    max_length: options.maxLength,
    stride: options.stride,
    ...(several ? { top_k: null, function_to_apply: 'none' } : {}),
  });
  const confusion = new Confusion(labels);
  const logits: number[] = [];
  const targets: number[] = [];
  let cut = 0;
  return {
    get truncated() {
      return cut;
    },
    read: (row) => ({ row, ...read(row.text) }),
    add(readings) {
      for (const [i, { labels: found, truncated }] of classify(readings).entries()) {
        if (truncated) cut++;
        const { label, place } = readings[i].row;
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
export async function tokenScorer(
  config: ModelConfig,
  options: ScorerOptions,
): Promise<Scorer<TokenRow, EncodedWords & { row: TokenRow; tokens: number }>> {
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
    read(row) {
      const sentence = encode(row.tokens);
      return { row, ...sentence, tokens: sentence.ids.length };
    },
    add(readings) {
      const results = model.tokenLogits(readings.map((reading) => reading.ids));
      for (const [i, { row, firsts, truncated }] of readings.entries()) {
        if (truncated) cut++;
        firsts.forEach((token, word) => {
          if (token < 0) return;
          logits.push(...results[i].subarray(token * L, (token + 1) * L));
          targets.push(ids.get(row.tags[word]) as number);
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
