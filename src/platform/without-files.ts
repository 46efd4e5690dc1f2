import type { KernelBinaries } from '../engine/kernels.ts';
import { UsageError } from '../errors.ts';
import { sha256 } from '../model/sha256.ts';
import type { ModelSource } from '../model/source.ts';
import { type ModelInput, modelSource as openSource } from '../model/sources/input.ts';
import { type SourceOptions, urlSource } from '../model/sources/url.ts';
import { createPipeline, type PipelineFunction } from '../tasks/pipeline.ts';

export interface Bound {
  /** @see createPipeline */
  pipeline: PipelineFunction;
  /** The files of a model, checked as they are read. */
  modelSource(model: ModelInput, options?: SourceOptions): ModelSource;
}

/** What an entry exports where there is no file system: names are URLs, and no model is the default. */
export function bindKernels(binaries: KernelBinaries): Bound {
  const modelSource: Bound['modelSource'] = (model, options) =>
    openSource(model, sha256, (name, given) => urlSource(name, sha256, given), options);
  const pipeline = createPipeline({
    kernels: binaries,
    resolveModel(model, options) {
      if (model === undefined) throw new UsageError('model: expected a model, since none comes with it here, got none');
      return modelSource(model, options);
    },
  });
  return { pipeline, modelSource };
}
