import { codePoints } from './code-points.ts';
import { joinPieces } from './join-pieces.ts';

/**
 * From scores of tokens to entities, by the rules of Python transformers (`pipelines/token_classification.py`). Means
 * are f32 sums from the first to the last, so that every engine gives the same bits.
 */

export const AGGREGATION_STRATEGIES = ['none', 'simple', 'first', 'average', 'max'] as const;
export type AggregationStrategy = (typeof AGGREGATION_STRATEGIES)[number];

/** A labelled token: what `aggregation_strategy: 'none'` gives. */
export interface TokenEntity {
  entity: string;
  score: number;
  /** Number of the token in its window; [CLS] is 0. */
  index: number;
  /** The token as the vocabulary has it, `##` included; an unknown one as the text has it. */
  word: string;
  /** UTF-16 units into the text, as `text.slice(start, end)` takes; Python counts code points. */
  start: number;
  end: number;
}

/** Neighbouring tokens under one label: what every other strategy gives. */
export interface EntityGroup {
  /** The label without its `B-` or `I-`. */
  entity_group: string;
  /** Mean over the tokens (`simple`) or the words. */
  score: number;
  /** The tokens decoded, which is normalised text; the text itself is `text.slice(start, end)`. */
  word: string;
  /** UTF-16 units into the text. */
  start: number;
  end: number;
}

/** A token of a text that is no special token. */
export interface ScoredToken {
  word: string;
  /** [L] */
  scores: Float32Array;
  start: number;
  end: number;
  index: number;
  /** Whether it goes on with the word of the token before it. */
  isSubword: boolean;
}

/** A token or a word with its label. */
type Labelled = Omit<TokenEntity, 'index'>;

/** Every token under its best label. */
export function labelTokens(tokens: readonly ScoredToken[], labels: readonly string[]): TokenEntity[] {
  return tokens.map(({ scores, index, word, start, end }) => {
    const { entity, score } = bestLabel(scores, labels);
    return { entity, score, index, word, start, end };
  });
}

/** Every word under one label: its first token's, that of the best mean, or that of the token with the best score. */
export function labelWords(
  tokens: readonly ScoredToken[],
  labels: readonly string[],
  strategy: 'first' | 'average' | 'max',
): Labelled[] {
  const words: ScoredToken[][] = [];
  for (const token of tokens) {
    if (token.isSubword && words.length > 0) words[words.length - 1].push(token);
    else words.push([token]);
  }
  return words.map((word) => ({
    ...bestLabel(wordScores(word, strategy), labels),
    word: joinPieces(word.map((token) => token.word)),
    start: word[0].start,
    end: word[word.length - 1].end,
  }));
}

/** Joins neighbours of one type; a `B-` begins anew, and a label that is neither `B-` nor `I-` counts as `I-`. */
export function groupEntities(entities: readonly Labelled[]): EntityGroup[] {
  const groups: Labelled[][] = [];
  for (const entity of entities) {
    const group = groups[groups.length - 1];
    const goesOn = group && !entity.entity.startsWith('B-') && typeOf(entity) === typeOf(group[group.length - 1]);
    if (goesOn) group.push(entity);
    else groups.push([entity]);
  }
  return groups.map((group) => ({
    // Up to the first hyphen whatever stands before it, as Python does here.
    entity_group: group[0].entity.slice(group[0].entity.indexOf('-') + 1),
    score: mean(group.map(({ score }) => score)),
    word: joinPieces(group.map(({ word }) => word)),
    start: group[0].start,
    end: group[group.length - 1].end,
  }));
}

/**
 * Of entities that overlap, from windows that do, the longest in code points stays, and of two as long the one with the
 * better score.
 */
export function mergeOverlapping(entities: readonly EntityGroup[], text: string): EntityGroup[] {
  const length = ({ start, end }: EntityGroup) => codePoints(text.slice(start, end));
  const isBetter = (a: EntityGroup, b: EntityGroup) =>
    length(a) > length(b) || (length(a) === length(b) && a.score > b.score);
  const merged: EntityGroup[] = [];
  for (const entity of [...entities].sort((a, b) => a.start - b.start)) {
    const last = merged[merged.length - 1];
    if (!last || entity.start >= last.end) merged.push(entity);
    else if (isBetter(entity, last)) merged[merged.length - 1] = entity;
  }
  return merged;
}

function wordScores(word: readonly ScoredToken[], strategy: 'first' | 'average' | 'max'): Float32Array {
  if (strategy === 'average') {
    return word[0].scores.map((_, label) => mean(word.map(({ scores }) => scores[label])));
  }
  if (strategy === 'first') return word[0].scores;
  const best = (scores: Float32Array) => scores[argmax(scores)];
  return word.map(({ scores }) => scores).reduce((most, scores) => (best(scores) > best(most) ? scores : most));
}

function bestLabel(scores: Float32Array, labels: readonly string[]): { entity: string; score: number } {
  const id = argmax(scores);
  return { entity: labels[id], score: scores[id] };
}

/** The first of the largest values. */
function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

function mean(values: readonly number[]): number {
  return Math.fround(values.reduce((sum, value) => Math.fround(sum + value)) / values.length);
}

function typeOf({ entity }: Labelled): string {
  return /^[BI]-/.test(entity) ? entity.slice(2) : entity;
}
