import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { featureExtraction } from '../../src/tasks/feature-extraction.ts';
import { FakeModel, tokenizer } from './fakes.ts';

const extract = (config = {}) => featureExtraction(new FakeModel(() => [], config), tokenizer);
const [CLS, SEP, film] = ['[CLS]', '[SEP]', 'film'].map((token) => tokenizer.tokenToId(token) as number);

describe('output shapes of transformers.js', () => {
  it('pooling none keeps tokens; one text is a batch of one', async () => {
    const { type, dims, data } = await extract()('film');
    expect(type).toBe('float32');
    expect(dims).toEqual([1, 3, 2]);
    expect([...data]).toEqual([CLS, CLS + 0.125, film, film + 0.125, SEP, SEP + 0.125]);
  });

  it('shorter texts end in zeros', async () => {
    const result = await extract()(['film', '']);
    expect(result.dims).toEqual([2, 3, 2]);
    expect(result.tolist()).toEqual([
      [
        [CLS, CLS + 0.125],
        [film, film + 0.125],
        [SEP, SEP + 0.125],
      ],
      [
        [CLS, CLS + 0.125],
        [SEP, SEP + 0.125],
        [0, 0],
      ],
    ]);
  });

  it('pooling gives one vector a text', async () => {
    const mean = await extract()(['film', ''], { pooling: 'mean' });
    expect(mean.dims).toEqual([2, 2]);
    expect(mean.data[0]).toBe(Math.fround((CLS + film + SEP) / 3));
    expect(mean.data[2]).toBe((CLS + SEP) / 2);
    const cls = await extract()('film', { pooling: 'cls' });
    expect(cls.tolist()).toEqual([[CLS, CLS + 0.125]]);
  });

  it('normalize makes unit vectors, token by token without pooling', async () => {
    const { data } = await extract()(['film', ''], { normalize: true });
    const lengths = [0, 1, 2, 3, 4, 5].map((row) => Math.hypot(data[2 * row], data[2 * row + 1]));
    lengths.slice(0, 5).forEach((length) => {
      expect(length).toBeCloseTo(1, 6);
    });
    expect(lengths[5]).toBe(0);
  });

  it('nothing gives nothing', async () => {
    expect((await extract()([])).dims).toEqual([0, 0, 2]);
    expect((await extract()([], { pooling: 'mean' })).tolist()).toEqual([]);
  });
});

it('many texts pass in calls of at most 512 tokens and keep their order', async () => {
  const model = new FakeModel(() => []);
  const texts = Array.from({ length: 500 }, (_, i) => (i % 2 ? 'film' : ''));
  const { data } = await featureExtraction(model, tokenizer)(texts, { pooling: 'mean' });
  // Two and three tokens in turn.
  expect(model.calls).toEqual([205, 204, 91]);
  texts.forEach((text, i) => {
    expect(data[2 * i]).toBe(Math.fround(text ? (CLS + film + SEP) / 3 : (CLS + SEP) / 2));
  });
});

it('any head will do', async () => {
  expect((await extract({ head: 'none', labels: [] })('film')).dims).toEqual([1, 3, 2]);
});

it('names what is wrong', async () => {
  await expect(extract()('a', { pooling: 'max' as never })).rejects.toThrow(
    new UsageError('pooling: expected none, mean, cls, got max'),
  );
  await expect(extract()('a', { pool: 'mean' } as never)).rejects.toThrow(
    new UsageError('options: expected pooling, normalize, max_length, got pool'),
  );
  expect((await extract()('film', null as never)).dims).toEqual([1, 3, 2]);
  await expect(extract()([1] as never)).rejects.toThrow(new UsageError('texts[0]: expected a string, got number'));
});
