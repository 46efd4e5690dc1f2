import { DataError, UsageError } from '../errors.ts';
import { conllEntities } from './conll-entities.ts';
import type { Entity } from './entity.ts';
import { type Counts, meanOf, type PrecisionRecall, precisionRecall, sumOf } from './precision-recall.ts';
import { SCHEMES, type Scheme, schemeEntities } from './tag-schemes.ts';

export interface AverageMetrics extends PrecisionRecall {
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
  const micro = figures(sumOf(counts.values()));
  const { support } = micro;
  return {
    per_type,
    micro,
    macro: { ...meanOf(per_type), support },
    weighted: { ...meanOf(per_type, (type) => type.support), support },
  };
}

function figures(counts: Counts): AverageMetrics {
  return { ...precisionRecall(counts), support: counts.given };
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
