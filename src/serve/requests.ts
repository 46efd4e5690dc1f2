import { kind } from '../tasks/texts.ts';
import { asBoolean, asFields, asText, asTruncate, checkCount, refuse } from './fields.ts';
import { invalid } from './http-error.ts';

interface TextsRequest {
  texts: string[];
  /** Cut what is too long, in place of refusing it. */
  truncate: boolean;
}

export interface PredictRequest extends TextsRequest {
  /** Whether the answer is a list of results, not one. */
  isBatch: boolean;
  rawScores: boolean;
}

export interface EmbedRequest extends TextsRequest {
  normalize: boolean;
}

/** TEI's `PredictRequest`, whose batch is a list of lists: `["a", "b"]` means a pair of texts there. */
export function asPredictRequest(body: unknown, mostTexts: number): PredictRequest {
  const fields = asFields(body);
  const truncate = asTruncate(fields);
  const rawScores = asBoolean(fields, 'raw_scores', false);
  const { inputs } = fields;
  if (!Array.isArray(inputs)) return { texts: [asText(inputs, 'inputs')], isBatch: false, rawScores, truncate };
  checkCount(inputs, mostTexts);
  const isBatch = Array.isArray(inputs[0]);
  const texts = isBatch ? inputs.map((each, i) => only(each, `inputs[${i}]`)) : [only(inputs, 'inputs')];
  return { texts, isBatch, rawScores, truncate };
}

function only(sequence: unknown, where: string): string {
  if (!Array.isArray(sequence)) throw invalid(`${where}: expected a list of one text, got ${kind(sequence)}`);
  if (sequence.length !== 1) {
    throw invalid(
      `${where}: expected one text, since pairs are not supported, got ${sequence.length}; a batch is [["…"], ["…"]]`,
    );
  }
  return asText(sequence[0], `${where}[0]`);
}

/** TEI's `EmbedRequest`, but for ids in place of texts, prompts and cut vectors. */
export function asEmbedRequest(body: unknown, mostTexts: number): EmbedRequest {
  const fields = asFields(body);
  const truncate = asTruncate(fields);
  const normalize = asBoolean(fields, 'normalize', true);
  refuse(fields, 'prompt_name');
  refuse(fields, 'dimensions');
  const { inputs } = fields;
  if (!Array.isArray(inputs)) return { texts: [asText(inputs, 'inputs')], normalize, truncate };
  checkCount(inputs, mostTexts);
  return { texts: inputs.map((each, i) => asText(each, `inputs[${i}]`)), normalize, truncate };
}
