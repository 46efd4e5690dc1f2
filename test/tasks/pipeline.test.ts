import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { createPipeline, type LabelScore, pipeline } from '../../src/platform/node.ts';
import { nodePlatform } from '../../src/platform/node-platform.ts';
import { type Files, json, TINY_VOCAB, tinyModel, tinyOwnModel, writeFiles } from '../fixtures/tiny-model.ts';

let directory: string;
let own: Files;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bertwasm-'));
  own = await tinyOwnModel();
  await writeFiles(join(directory, 'own'), own);
  await writeFiles(join(directory, 'hf'), tinyModel());
});
afterAll(() => rm(directory, { recursive: true }));

const from = (files: Files) => createPipeline({ ...nodePlatform, resolveModel: () => bytesSource('tiny', files) });

describe('pipeline', () => {
  it('classifies from a directory, in q8 and in fp32', async () => {
    const q8 = await pipeline('sentiment-analysis', join(directory, 'own'));
    const fp32 = await pipeline('text-classification', join(directory, 'hf'), { dtype: 'fp32', simd: 'base' });
    const texts = ['a good film', 'not a good film', ''];
    const a = await q8(texts, { top_k: null });
    const b = await fp32(texts, { top_k: null });
    const positive = (labels: LabelScore[]) => labels.find(({ label }) => label === 'POSITIVE')?.score as number;
    a.forEach((labels, i) => {
      expect(labels).toHaveLength(2);
      expect(labels[0].score + labels[1].score).toBeCloseTo(1, 6);
      expect(Math.abs(positive(labels) - positive(b[i]))).toBeLessThan(0.02);
    });
    await q8.dispose();
    await fp32.dispose();
    await expect(q8('a')).rejects.toThrow(UsageError);
  });

  it('gives the same bits alone and in any batch', async () => {
    const classify = await from(own)('text-classification');
    const texts = ['a good film', 'it was dull', '', 'quiet and moving, and very fine', 'x'.repeat(99)];
    const together = await classify(texts, { top_k: null });
    for (const [i, text] of texts.entries()) expect(await classify(text, { top_k: null })).toEqual(together[i]);
  });

  it('extracts features, whatever the head', async () => {
    for (const files of [own, tinyModel('none')]) {
      const extract = await from(files)('feature-extraction');
      const one = await extract('a good film', { pooling: 'mean', normalize: true });
      expect(one.dims).toEqual([1, 32]);
      const two = await extract(['it was dull', 'a good film'], { pooling: 'mean', normalize: true });
      expect(two.data.slice(32)).toEqual(one.data);
      const all = await extract(['it was dull', 'a very good film']);
      expect(all.dims).toEqual([2, 6, 32]);
    }
  });

  it('wants a known task, and a head that fits', async () => {
    await expect(pipeline('translation' as never)).rejects.toThrow(
      new UsageError(
        'task: expected text-classification, sentiment-analysis, feature-extraction, token-classification, ner, ' +
          'got translation',
      ),
    );
    await expect(from(tinyModel('none'))('text-classification')).rejects.toThrow(
      new DataError("config.json: expected a model for sequence classification, got head 'none'"),
    );
  });

  it('wants options that it knows', async () => {
    await expect(from(own)('text-classification', 'tiny', { quantized: true } as never)).rejects.toThrow(
      new UsageError('options: expected dtype, simd, threads, cache, progress_callback, head, got quantized'),
    );
    await expect(from(own)('ner', 'tiny', { top_k: 1 } as never)).rejects.toThrow(
      'options: expected dtype, simd, threads, cache, progress_callback, head, aggregation_strategy, ignore_labels, max_length, stride, got top_k',
    );
    await (await from(own)('text-classification', 'tiny', null as never)).dispose();
  });

  it('wants a tokenizer whose ids the model has', async () => {
    const files = { ...tinyModel(), 'vocab.txt': new TextEncoder().encode([...TINY_VOCAB, 'more'].join('\n')) };
    await expect(from(files)('text-classification')).rejects.toThrow(/at most 100 ids .*got 101/);
  });

  it('tells what is missing', async () => {
    await expect(pipeline('text-classification', 'no-such-model')).rejects.toThrow(
      /^no-such-model: expected a model's directory or an installed package, got neither \(.*npm install no-such-model\)$/,
    );
    await expect(pipeline('text-classification', './no/such')).rejects.toThrow(
      /^\.\/no\/such: expected a model's directory/,
    );
    await expect(pipeline('text-classification', `./${'x'.repeat(300)}`)).rejects.toThrow(
      /x: expected a model's directory/,
    );
    await expect(from({ 'config.json': json({}) })('text-classification')).rejects.toThrow(/model_type/);
  });
});
