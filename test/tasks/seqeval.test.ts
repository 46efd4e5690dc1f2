import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { type AverageMetrics, type SeqevalMetrics, seqeval } from '../../src/tasks/seqeval.ts';
import type { Scheme } from '../../src/tasks/tag-schemes.ts';
import { random } from '../fixtures/random.ts';

/** By type and average; null is NaN. */
type Figures = Record<string, [precision: number | null, recall: number | null, f1: number | null, support: number]>;

interface Golden {
  seqeval: string;
  /** Tags with spaces between them, a string a sentence. */
  cases: { scheme: Scheme | null; given: string[]; predicted: string[]; figures: Figures }[];
  labels: string[];
  wnut17: { seed: number; rate: number; sha256: string; figures: Record<'default' | Scheme, Figures> }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/tasks/entities.json', import.meta.url), 'utf8'));
const WNUT = new URL('../../../shared/data/wnut17/dev.conll', import.meta.url);

function expectFigures({ per_type, micro, macro, weighted }: SeqevalMetrics, expected: Figures): void {
  const averages = { 'micro avg': micro, 'macro avg': macro, 'weighted avg': weighted };
  const rows: [string, AverageMetrics][] = [
    ...per_type.map((metrics): [string, AverageMetrics] => [metrics.type, metrics]),
    ...Object.entries(averages),
  ];
  expect(rows.map(([name]) => name)).toEqual(Object.keys(expected));
  for (const [name, { precision, recall, f1, support }] of rows) {
    [precision, recall, f1, support].forEach((figure, i) => {
      expect(figure, `${name} ${i}`).toBeCloseTo(expected[name][i] ?? 0, 12);
    });
  }
}

describe(`figures of seqeval ${golden.seqeval}`, () => {
  it('for its documented cases and random tags', () => {
    const split = (sentences: string[]) => sentences.map((tags) => (tags === '' ? [] : tags.split(' ')));
    for (const { scheme, given, predicted, figures } of golden.cases) {
      expectFigures(seqeval(split(given), split(predicted), { scheme: scheme ?? undefined }), figures);
    }
    expect(golden.cases.length).toBe(156);
  });

  // The text itself is no part of the project, and ../shared may be absent.
  it.skipIf(!existsSync(WNUT)).each(golden.wnut17)(
    'for WNUT-17 with $rate of its tags drawn anew',
    ({ seed, rate, sha256, figures }) => {
      const sentences = readFileSync(WNUT, 'utf8').split(/\n\n+/);
      const given = sentences
        .map((sentence) => sentence.split('\n').filter((line) => line !== ''))
        .filter((lines) => lines.length > 0)
        .map((lines) => lines.map((line) => line.split('\t')[1]));
      const next = random(seed);
      const { labels } = golden;
      const predicted = given.map((tags) =>
        tags.map((tag) => (next() < rate ? labels[Math.floor(next() * labels.length)] : tag)),
      );
      const text = predicted.map((tags) => tags.join(' ')).join('\n');
      expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
      expectFigures(seqeval(given, predicted), figures.default);
      for (const scheme of ['IOB1', 'IOB2'] as const) {
        expectFigures(seqeval(given, predicted, { scheme }), figures[scheme]);
      }
    },
  );
});

it('wants tags of one shape and of the scheme', () => {
  expect(() => seqeval([['O']], [])).toThrow(new UsageError('predicted: expected 1 sentences, got 0'));
  expect(() => seqeval([['O'], ['O']], [['O'], []])).toThrow(new UsageError('predicted[1]: expected 1 tags, got 0'));
  expect(() => seqeval([['']], [['O']])).toThrow(new DataError('sentence 0, tag 0: expected a tag, got an empty one'));
  expect(() => seqeval([['O', 'O']], [['O', 'E-x']], { scheme: 'IOB2' })).toThrow(
    new DataError('predicted[0][1]: expected a tag of IOB2, I, O, B, got E-x'),
  );
  expect(() => seqeval([], [], { scheme: 'IOB' as never })).toThrow(
    new UsageError('scheme: expected IOB1, IOB2, IOE1, IOE2, IOBES, BILOU, got IOB'),
  );
});

it('nothing to find gives zeros', () => {
  const zeros = { precision: 0, recall: 0, f1: 0, support: 0 };
  expect(seqeval([['O']], [['O']])).toEqual({ per_type: [], micro: zeros, macro: zeros, weighted: zeros });
});
