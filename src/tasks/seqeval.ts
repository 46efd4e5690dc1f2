import { DataError, UsageError } from '../errors.ts';
import { conllEntities } from './conll-entities.ts';
import type { Entity } from './entity.ts';
import { SCHEMES, type Scheme, schemeEntities } from './tag-schemes.ts';

/** 0 where there is nothing to divide by. */
export interface AverageMetrics {
  precision: number;
  recall: number;
  f1: number;
  /** Entities given. */
  support: number;
}

export interface TypeMetrics extends AverageMetrics {
  type: string;
}

export interface SeqevalMetrics {
  /** Sorted by name. */
  per_type: TypeMetrics[];
  /** Over all entities. */
  micro: AverageMetrics;
  /** Unweighted mean over the types; 0 where there are none (NaN in seqeval). */
  macro: AverageMetrics;
  /** Mean over the types, weighted by support. */
  weighted: AverageMetrics;
}

type Sentences = readonly (readonly string[])[];

interface Counts {
  right: number;
  given: number;
  predicted: number;
}

/**
 * How well predicted entities agree with given ones, type and both ends, as Python seqeval 1.2.2 counts: leniently like
 * conlleval.pl, or with a `scheme` only the entities that keep to it (its strict mode). Both are tags of tokens, an
 * array a sentence.
 *
 * @throws UsageError where the two are not of one shape
 * @throws DataError where a tag is empty or none of the scheme
 */
export function seqeval(given: Sentences, predicted: Sentences, options: { scheme?: Scheme } = {}): SeqevalMetrics {
  const { scheme } = options;
  if (scheme !== undefined && !SCHEMES.includes(scheme)) {
    throw new UsageError(`scheme: expected ${SCHEMES.join(', ')}, got ${scheme}`);
  }
  checkTags(given, predicted);
  // Leniently all sentences are one sequence, with an O after each: seqeval's results for odd tags depend on it.
  const sequences = (sentences: Sentences) =>
    scheme === undefined ? [sentences.flatMap((tags) => [...tags, 'O'])] : sentences;
  const entities = (tags: readonly string[], where: string) =>
    scheme === undefined ? conllEntities(tags) : schemeEntities(tags, scheme, where);

  const counts = new Map<string, Counts>();
  const of = (type: string) => {
    const found = counts.get(type) ?? { right: 0, given: 0, predicted: 0 };
    counts.set(type, found);
    return found;
  };
  const predictedSequences = sequences(predicted);
  for (const [i, tags] of sequences(given).entries()) {
    const there = entities(tags, `given[${i}]`);
    const known = new Set(there.map(key));
    for (const { type } of there) of(type).given++;
    for (const entity of entities(predictedSequences[i], `predicted[${i}]`)) {
      of(entity.type).predicted++;
      if (known.has(key(entity))) of(entity.type).right++;
    }
  }
  return average(counts);
}

function average(counts: ReadonlyMap<string, Counts>): SeqevalMetrics {
  const per_type = [...counts.keys()].sort().map((type) => ({ type, ...figures(counts.get(type) as Counts) }));
  const all = { right: 0, given: 0, predicted: 0 };
  for (const { right, given, predicted } of counts.values()) {
    all.right += right;
    all.given += given;
    all.predicted += predicted;
  }
  const mean = (weight: (metrics: TypeMetrics) => number): AverageMetrics => {
    const total = per_type.reduce((sum, metrics) => sum + weight(metrics), 0);
    const of = (figure: 'precision' | 'recall' | 'f1') =>
      ratio(
        per_type.reduce((sum, metrics) => sum + metrics[figure] * weight(metrics), 0),
        total,
      );
    return { precision: of('precision'), recall: of('recall'), f1: of('f1'), support: all.given };
  };
  return { per_type, micro: figures(all), macro: mean(() => 1), weighted: mean(({ support }) => support) };
}

function figures({ right, given, predicted }: Counts): AverageMetrics {
  const precision = ratio(right, predicted);
  const recall = ratio(right, given);
  return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support: given };
}

function checkTags(given: Sentences, predicted: Sentences): void {
  if (given.length !== predicted.length) {
    throw new UsageError(`predicted: expected ${given.length} sentences, got ${predicted.length}`);
  }
  given.forEach((tags, i) => {
    if (tags.length !== predicted[i].length) {
      throw new UsageError(`predicted[${i}]: expected ${tags.length} tags, got ${predicted[i].length}`);
    }
    const empty = tags.findIndex((tag, k) => tag === '' || predicted[i][k] === '');
    if (empty >= 0) throw new DataError(`sentence ${i}, tag ${empty}: expected a tag, got an empty one`);
  });
}

function key({ type, start, end }: Entity): string {
  return `${start} ${end} ${type}`;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
