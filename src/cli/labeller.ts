import { UsageError } from '../errors.ts';
import { loadConfig } from '../model/config.ts';
import { pipeline } from '../platform/node.ts';
import { nodePlatform } from '../platform/node-platform.ts';
import type { AggregationStrategy, EntityGroup, TokenEntity } from '../tasks/aggregation.ts';
import { loadModel } from '../tasks/pipeline.ts';
import { type Classification, type TextClassificationOptions, textClassifier } from '../tasks/text-classification.ts';
import { type TokenReading, tokenClassifier } from '../tasks/token-classification.ts';
import type { Reading } from '../tasks/windows.ts';
import { type ModelOptions, pipelineOptions, type ReadingOptions } from './options.ts';
import { type Cell, colors } from './output.ts';

export interface LabellerOptions extends ModelOptions, ReadingOptions {
  topK?: number | 'all';
  functionToApply?: TextClassificationOptions['function_to_apply'];
  aggregationStrategy?: AggregationStrategy;
}

/** What a model says of one text. */
export interface Prediction {
  /** For JSON; `undefined` removes what an earlier run added. */
  fields: Record<string, unknown>;
  /** For a table. */
  cells: Cell[][];
  /** Tokens read, where that is told. */
  tokens?: number;
}

/** In two steps, so that what was read tells how much of it makes a batch. */
export interface Labeller<Reading extends { tokens: number } = { tokens: number }> {
  /** Names of the columns of a table, where they need any. */
  header: Cell[][];
  read(text: string): Reading;
  label(readings: readonly Reading[]): Prediction[];
}

/** What the head of the model makes of texts: labels, or entities. */
export async function loadLabeller(options: LabellerOptions): Promise<Labeller> {
  const { head } = await loadConfig(nodePlatform.resolveModel(options.model));
  const wrong =
    head === 'token'
      ? (options.topK !== undefined && '--top-k') || (options.functionToApply !== undefined && '--function-to-apply')
      : options.aggregationStrategy !== undefined && '--aggregation-strategy';
  if (wrong) {
    throw new UsageError(
      `${wrong}: expected a model for ${head === 'token' ? 'texts, got one for tokens' : 'tokens, got one for texts'}`,
    );
  }
  return head === 'token' ? tokenLabeller(options) : textLabeller(options);
}

async function textLabeller(options: LabellerOptions): Promise<Labeller<Reading & { text: string }>> {
  const { model, tokenizer } = await pipeline('text-classification', options.model, pipelineOptions(options));
  const { read, classify } = textClassifier(model, tokenizer, {
    top_k: options.topK === 'all' ? null : options.topK,
    function_to_apply: options.functionToApply,
    max_length: options.maxLength,
    stride: options.stride,
  });
  return {
    header: [],
    read: (text) => ({ text, ...read(text) }),
    label: (readings) =>
      classify(readings).map((result, i) => ({
        fields: textFields(result, options),
        cells: textCells(result, readings[i].text),
        tokens: result.tokens,
      })),
  };
}

function textFields({ labels, truncated }: Classification, { topK }: LabellerOptions): Record<string, unknown> {
  return {
    ...labels[0],
    labels: topK === undefined || topK === 1 ? undefined : labels,
    truncated: truncated || undefined,
  };
}

function textCells({ labels, tokens, truncated }: Classification, text: string): Cell[][] {
  return labels.map(({ label, score }, rank) => [
    [label, colors.bold],
    score.toFixed(4),
    rank > 0 ? '' : text + (truncated ? ` (cut after ${tokens} tokens)` : ''),
  ]);
}

async function tokenLabeller(options: LabellerOptions): Promise<Labeller<TokenReading>> {
  const { model, tokenizer } = await loadModel(nodePlatform, 'ner', options.model, pipelineOptions(options));
  const { read, classify } = tokenClassifier(model, tokenizer, {
    // Heads learn the label of a word's first piece, as in Hugging Face's guide: `simple` would cut words in pieces.
    aggregation_strategy: options.aggregationStrategy ?? 'first',
    max_length: options.maxLength,
    stride: options.stride,
  });
  return {
    header: [['entity', 'score', 'word', 'start', 'end']],
    read,
    label: (readings) =>
      classify(readings).map((entities) => ({ fields: { entities }, cells: entities.map(entityCells) })),
  };
}

function entityCells(entity: TokenEntity | EntityGroup): Cell[] {
  const name = 'entity' in entity ? entity.entity : entity.entity_group;
  return [[name, colors.bold], entity.score.toFixed(4), entity.word, String(entity.start), String(entity.end)];
}
