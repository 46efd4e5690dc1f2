import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { createPipeline, pipeline } from '../../src/platform/node.ts';
import { nodePlatform } from '../../src/platform/node-platform.ts';
import { mergeOverlapping } from '../../src/tasks/aggregation.ts';
import { joinPieces } from '../../src/tasks/join-pieces.ts';
import {
  type TokenClassification,
  type TokenClassificationOptions,
  tokenClassification,
} from '../../src/tasks/token-classification.ts';
import { binaries } from '../fixtures/kernels.ts';
import { tinyModel, tinyOwnModel } from '../fixtures/tiny-model.ts';
import { FakeModel, tokenizer } from './fakes.ts';

/** As transformers has it, but for offsets, in code points. */
type Found = [label: string, score: number, word: string, start: number, end: number, index?: number];

interface Golden {
  versions: Record<string, string>;
  joined: [pieces: string[], text: string][];
  texts: string[];
  models: Record<string, { options: TokenClassificationOptions; results: Found[][] }[]>;
}

const goldens = new URL('../golden/tasks/', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(new URL('token_classification.json', goldens), 'utf8'));
const load = createPipeline({ ...nodePlatform, kernels: binaries });

function expected(text: string, [label, , word, start, end, index]: Found) {
  const units = (count: number) => [...text].slice(0, count).join('').length;
  const place = { word, start: units(start), end: units(end) };
  return index === undefined ? { entity_group: label, ...place } : { entity: label, ...place, index };
}

describe(`transformers ${golden.versions.transformers}`, () => {
  it.each(Object.entries(golden.models))('%s gives the same entities', async (name, cases) => {
    const classify = await load('token-classification', fileURLToPath(new URL(name, goldens)));
    expect(cases.length).toBe(14);
    for (const { options, results } of cases) {
      const found = await classify(golden.texts, options);
      for (const [i, text] of golden.texts.entries()) {
        const where = `${JSON.stringify(options)} ${JSON.stringify(text)}`;
        const rest = found[i].map(({ score, ...rest }) => rest);
        expect(rest, where).toEqual(results[i].map((entity) => expected(text, entity)));
        found[i].forEach(({ score }, k) => {
          expect(Math.abs(score - results[i][k][1]), where).toBeLessThan(1e-5);
        });
      }
    }
    await classify.dispose();
  });

  it('joins pieces as its decoder does', () => {
    for (const [pieces, text] of golden.joined) expect(joinPieces(pieces), JSON.stringify(pieces)).toBe(text);
  });
});

it('of overlapping entities the longest in code points is kept', () => {
  const text = 'an old 😀';
  const a = { entity_group: 'x', score: 0.1, word: 'an old', start: 0, end: 6 };
  const b = { entity_group: 'y', score: 0.9, word: '##n old 😀', start: 1, end: 9 };
  const c = { entity_group: 'z', score: 0.2, word: 'old 😀', start: 3, end: 9 };
  expect(mergeOverlapping([c, b], text)).toEqual([b]);
  expect(mergeOverlapping([a, c], text)).toEqual([a]);
  // As long as a (6 code points for 7 units), and better.
  const d = { ...c, start: 2, score: 0.3, word: 'd' };
  expect(mergeOverlapping([d, a], text)).toEqual([d]);
  expect(mergeOverlapping([], text)).toEqual([]);
});

const LABELS = ['O', 'B-x', 'I-x'];

/** Every token "film" begins an entity, every "a" goes on with one. */
function fake(options?: TokenClassificationOptions) {
  const logits = (id: number) => (id === tokenizer.tokenToId('film') ? 1 : id === tokenizer.tokenToId('a') ? 2 : 0);
  const model = new FakeModel(([id]) => LABELS.map((_, label) => (label === logits(id) ? 4 : 0)), {
    head: 'token',
    labels: LABELS,
  });
  return { model, classify: tokenClassification(model, tokenizer, options) };
}

describe('call', () => {
  it('gives an array for a text and one each for an array of texts', async () => {
    const { classify } = fake();
    const film = await classify('film');
    expect(film).toMatchObject([{ entity: 'B-x', index: 1, word: 'film', start: 0, end: 4 }]);
    expect(Object.keys(film[0])).toEqual(['entity', 'score', 'index', 'word', 'start', 'end']);
    expect(await classify(['film', '', 'a film'])).toMatchObject([film, [], [{ entity: 'I-x' }, { entity: 'B-x' }]]);
    expect(await classify([])).toEqual([]);
    expect(await classify('')).toEqual([]);
  });

  it('takes options of the constructor where it has none itself', async () => {
    const { classify } = fake({ aggregation_strategy: 'simple', ignore_labels: ['x'] });
    expect(await classify('the film a')).toMatchObject([{ entity_group: 'O', word: 'the' }]);
    const groups = await classify('the film a', { ignore_labels: [] });
    expect(groups).toMatchObject([{ entity_group: 'O' }, { entity_group: 'x', word: 'film a', start: 4, end: 10 }]);
    expect(Object.keys(groups[0])).toEqual(['entity_group', 'score', 'word', 'start', 'end']);
    expect(await classify('film', { aggregation_strategy: 'none' })).toMatchObject([{ entity: 'B-x' }]);
  });

  it('offsets are those of slice', async () => {
    const text = '😀 film';
    const [{ start, end }] = await fake().classify(text);
    expect(text.slice(start, end)).toBe('film');
  });

  it('passes many texts in calls of at most 512 tokens', async () => {
    const { classify, model } = fake();
    const results = await classify(Array.from({ length: 500 }, (_, i) => (i % 2 ? 'film' : '')));
    expect(results.map(({ length }) => length)).toEqual(results.map((_, i) => i % 2));
    // Two and three tokens in turn.
    expect(model.calls).toEqual([205, 204, 91]);
  });

  it('reads a long text by stride', async () => {
    const text = 'film the '.repeat(30);
    const { classify } = fake({ aggregation_strategy: 'simple', max_length: 12 });
    expect(await classify(text)).toHaveLength(5);
    const all = await classify(text, { stride: 3 });
    expect(all.map(({ start }) => start)).toEqual(Array.from({ length: 30 }, (_, i) => 9 * i));
  });
});

describe('pipeline', () => {
  const from = (files: Parameters<typeof bytesSource>[1]) =>
    createPipeline({ kernels: binaries, resolveModel: () => bytesSource('tiny', files) });

  it('gives the same in any batch and build, in fp32 and q8', async () => {
    const texts = ['a good film', '', 'it was dull and very quiet, not moving', 'anna'];
    for (const files of [tinyModel('token'), await tinyOwnModel('token')]) {
      const options = { aggregation_strategy: 'average', ignore_labels: [] } as const;
      const classify = await from(files)('ner', 'tiny', options);
      const together = await classify(texts);
      const base = await from(files)('ner', 'tiny', { ...options, simd: 'base' });
      const alone: TokenClassification[][] = [];
      for (const text of texts) alone.push(await base(text));
      expect(alone).toEqual(together);
      expect(together.map(({ length }) => length > 0)).toEqual([true, false, true, true]);
    }
  });

  it('has no default model', async () => {
    await expect(pipeline('ner')).rejects.toThrow(
      new UsageError('model: expected a model directory, since ner has no default model, got undefined'),
    );
  });

  it('wants a token head', async () => {
    await expect(from(tinyModel('sequence'))('token-classification', 'tiny')).rejects.toThrow(
      new DataError("config.json: expected a model for token classification, got head 'sequence'"),
    );
  });

  it.each([
    [{ aggregation_strategy: 'mean' }, 'aggregation_strategy: expected none, simple, first, average, max, got mean'],
    [{ ignore_labels: 'O' }, 'ignore_labels: expected an array, got string'],
    [{ stride: 2 }, 'stride: expected an aggregation_strategy with it, got none'],
    [{ stride: 62, aggregation_strategy: 'first' }, 'stride: expected a whole number from 0 to 61, got 62'],
    [{ max_length: 2 }, 'max_length: expected a whole number from 3 to 64, got 2'],
  ])('%j is an error at construction and at a call', async (options, message) => {
    expect(() => fake(options as TokenClassificationOptions)).toThrow(new UsageError(message));
    await expect(fake().classify('film', options as TokenClassificationOptions)).rejects.toThrow(
      new UsageError(message),
    );
  });

  it('an option of another name is an error of a call', async () => {
    const options = { aggregation: 'first' } as TokenClassificationOptions;
    await expect(fake().classify('film', options)).rejects.toThrow(
      /expected aggregation_strategy, .*, got aggregation$/,
    );
  });
});
