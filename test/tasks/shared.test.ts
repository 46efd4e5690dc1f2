import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { pipeline } from '../../src/platform/node.ts';
import type { Progress } from '../../src/tasks/progress.ts';
import { headOf } from '../fixtures/head-of.ts';
import { onMemory } from '../fixtures/kernels.ts';
import { tinyOwnModel } from '../fixtures/tiny-model.ts';

const own = await tinyOwnModel();

describe('a pipeline on the encoder of another', () => {
  it('has a head of its own, and no weights of its own', async () => {
    const classify = await pipeline('text-classification', own);
    const before = await classify('a good film', { top_k: null });
    const memories: WebAssembly.Memory[] = [];
    const done = onMemory((memory) => memories.push(memory));
    const other = await pipeline('text-classification', classify, { head: headOf(classify.model.config) });
    const embed = await pipeline('feature-extraction', classify);
    done();
    expect(memories).toHaveLength(1); // the other head's

    const labels = (await other('a good film', { top_k: null })).map(({ label }) => label).sort();
    expect(labels).toEqual(['x', 'y']);
    expect(await classify('a good film', { top_k: null })).toEqual(before);
    const alone = await pipeline('feature-extraction', own);
    expect((await embed('a good film')).data).toEqual((await alone('a good film')).data);
  });

  it('outlives it', async () => {
    const classify = await pipeline('text-classification', own);
    const other = await pipeline('text-classification', classify);
    const expected = await classify('a good film');
    await classify.dispose();
    await expect(classify('a good film')).rejects.toThrow(UsageError);
    expect(await other('a good film')).toEqual(expected);
    await expect(pipeline('text-classification', classify)).rejects.toThrow('expected a loaded model');
  });

  it('takes no option that is the encoder’s', async () => {
    const classify = await pipeline('text-classification', own);
    await expect(pipeline('text-classification', classify, { simd: 'base' })).rejects.toThrow(
      new UsageError('simd: expected none beside a pipeline that is loaded, got base'),
    );
  });
});

it('progress_callback is told of each file to its last byte', async () => {
  const told: Progress[] = [];
  await pipeline('text-classification', own, { progress_callback: (progress) => told.push(progress) });
  expect(new Set(told.map(({ file }) => file))).toEqual(new Set(Object.keys(own)));
  for (const [file, { length }] of Object.entries(own)) {
    const ofFile = told.filter((progress) => progress.file === file);
    const loaded = ofFile.map((progress) => progress.loaded);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
    expect(ofFile.at(-1)).toEqual({
      status: 'progress',
      name: 'model',
      file,
      loaded: length,
      total: length,
      progress: 100,
    });
  }
});
