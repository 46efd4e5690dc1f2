import type { ModelSource } from '../../src/model/source.ts';
import { createPipeline, type Platform } from '../../src/tasks/pipeline.ts';
import { binaries } from '../fixtures/kernels.ts';

/** One hostile model or input. */
export interface Attack {
  /** What is wrong. */
  name: string;
  /** Meets it as an application would. */
  run(): Promise<unknown>;
  /** Its error, or what gives the result that it must have. */
  expected: RegExp | (() => Promise<unknown>);
}

/** Loads a model as an application does, and classifies a text with it. */
export async function classify(source: ModelSource, text = 'A quiet, moving film.'): Promise<unknown> {
  const platform: Platform = { kernels: binaries, resolveModel: () => source };
  const classifier = await createPipeline(platform)('text-classification');
  try {
    return await classifier(text);
  } finally {
    await classifier.dispose();
  }
}
