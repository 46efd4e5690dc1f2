import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import {
  type LabelScore,
  type TextClassificationOptions,
  textClassification,
} from '../../src/tasks/text-classification.ts';
import { FakeModel, tokenizer } from './fakes.ts';

interface Golden {
  labels: number;
  problem_type: string | null;
  options: TextClassificationOptions;
  logits: number[][];
  scores: LabelScore[][];
}

const golden: { cases: Golden[] } = JSON.parse(
  readFileSync(new URL('../golden/tasks/classification.json', import.meta.url), 'utf8'),
);

/** Logits that tell texts apart: [number of tokens, 1]. */
const byLength = () => textClassification(new FakeModel((ids) => [ids.length, 5]), tokenizer);

describe('scores', () => {
  it('are those of transformers by configuration and options', async () => {
    for (const { labels, problem_type, options, logits, scores } of golden.cases) {
      let row = 0;
      const model = new FakeModel(() => logits[row++], {
        labels: Array.from({ length: labels }, (_, i) => `L${i}`),
        problemType: (problem_type ?? undefined) as never,
      });
      const results = await textClassification(model, tokenizer).details(
        logits.map(() => 'a'),
        options,
      );
      results.forEach((result, i) => {
        expect(result.labels.map(({ label }) => label)).toEqual(scores[i].map(({ label }) => label));
        result.labels.forEach(({ score }, k) => {
          expect(score).toBeCloseTo(scores[i][k].score, 6);
        });
      });
    }
    expect(golden.cases.length).toBe(192);
  });
});

describe('output shapes of transformers.js', () => {
  const A = { label: 'A', score: 6 };
  const B = { label: 'B', score: 5 };

  it('one text gives a flat array', async () => {
    const classify = byLength();
    const raw = { function_to_apply: 'none' } as const;
    expect(await classify('film film film film', raw)).toEqual([A]);
    expect(await classify('film film film film', { ...raw, top_k: 1 })).toEqual([A]);
    expect(await classify('film film film film', { ...raw, top_k: 2 })).toEqual([A, B]);
    expect(await classify('film film film film', { ...raw, top_k: 9 })).toEqual([A, B]);
    expect(await classify('film film film film', { ...raw, top_k: null })).toEqual([A, B]);
  });

  it('an array gives a flat array for top_k 1, else one array a text', async () => {
    const classify = byLength();
    const raw = { function_to_apply: 'none' } as const;
    expect(await classify(['film film film film', ''], raw)).toEqual([A, B]);
    expect(await classify(['film film film film'], { ...raw, top_k: 1 })).toEqual([A]);
    expect(await classify(['film film film film', ''], { ...raw, top_k: null })).toEqual([
      [A, B],
      [B, { label: 'A', score: 2 }],
    ]);
    expect(await classify([])).toEqual([]);
    expect(await classify([], { top_k: null })).toEqual([]);
  });
});

it('types take one text or several from one variable; null options are none', async () => {
  const either = ['film'] as string | string[];
  const best: LabelScore[] = await byLength()(either);
  const options: TextClassificationOptions = { top_k: null };
  const all: LabelScore[] | LabelScore[][] = await byLength()(either, options);
  expect([best.length, all.length]).toEqual([1, 1]);
  expect(await byLength()(either, null as never)).toEqual(best);
});

describe('long texts', () => {
  const long = Array(100).fill('film').join(' ');

  it('are cut to what tokenizer and model take, and it is told', async () => {
    const classify = byLength();
    expect(await classify.details([long, 'film'])).toMatchObject([
      { tokens: 64, truncated: true },
      { tokens: 3, truncated: false },
    ]);
    expect(await classify.details([long], { max_length: 10 })).toMatchObject([{ tokens: 10, truncated: true }]);
    const short = textClassification(new FakeModel((ids) => [ids.length, 1], { positions: 20 }), tokenizer);
    expect(await short.details([long])).toMatchObject([{ tokens: 20, truncated: true }]);
  });

  it('are read as windows with stride; the mean of their logits is taken', async () => {
    const classify = byLength();
    const options = { max_length: 10, stride: 2, top_k: null, function_to_apply: 'none' } as const;
    // 8 tokens a window, 6 new ones each after the first: 8, 14, 20.
    const text = Array(20).fill('film').join(' ');
    const [middle, alone] = await classify.details([text, 'film film film'], options);
    expect(middle).toEqual({
      labels: [
        { label: 'A', score: 10 },
        { label: 'B', score: 5 },
      ],
      tokens: 30,
      truncated: false,
    });
    expect(alone.tokens).toBe(5);
    const rest = await classify.details([`${text} film`], options);
    expect(rest[0].labels[0].score).toBe(Math.fround((10 + 10 + 10 + 5) / 4));
  });

  it('an empty text is [CLS] [SEP]', async () => {
    expect(await byLength().details([''])).toMatchObject([{ tokens: 2, truncated: false }]);
  });
});

describe('errors', () => {
  it.each([
    [['a', 7], 'texts[1]: expected a string, got number'],
    [Array(3).fill('a', 0, 1), 'texts[1]: expected a string, got undefined'],
    [[['a']], 'texts[0]: expected a string, got array'],
    [null, 'texts: expected a string or an array of strings, got null'],
    [{ text: 'a' }, 'texts: expected a string or an array of strings, got object'],
  ])('names index and type of %j', async (input, message) => {
    await expect(byLength()(input as never)).rejects.toThrow(new UsageError(message));
  });

  it.each([
    [{ top_k: 0 }, 'top_k: expected a whole number over 0, or null, got 0'],
    [{ top_k: 1.5 }, 'top_k: expected a whole number over 0, or null, got 1.5'],
    [{ function_to_apply: 'tanh' }, 'function_to_apply: expected softmax, sigmoid, none, got tanh'],
    [{ max_length: 65 }, 'max_length: expected a whole number from 3 to 64, got 65'],
    [{ max_length: 2 }, 'max_length: expected a whole number from 3 to 64, got 2'],
    [{ max_length: 10, stride: 6 }, 'stride: expected at most 5, half of max_length, got 6'],
    [{ max_length: 3, stride: 1 }, 'stride: expected a whole number from 0 to 0, got 1'],
    [{ stride: -1 }, 'stride: expected a whole number from 0 to 61, got -1'],
    [{ topk: 2 }, 'options: expected top_k, function_to_apply, max_length, stride, got topk'],
    ['fast', 'options: expected an object, got string'],
  ])('names the option of %j', async (options, message) => {
    await expect(byLength()('a', options as never)).rejects.toThrow(new UsageError(message));
  });

  it('wants a sequence head', () => {
    const model = new FakeModel(() => [], { head: 'token' });
    expect(() => textClassification(model, tokenizer)).toThrow(DataError);
  });
});

it('dispose frees the model', async () => {
  const model = new FakeModel(() => [0, 1]);
  await textClassification(model, tokenizer).dispose();
  expect(model.disposed).toBe(true);
});
