import type { KernelBinaries } from '../engine/kernels.ts';
import { Model, type ModelOptions } from '../engine/model.ts';
import { UsageError } from '../errors.ts';
import { loadConfig } from '../model/config.ts';
import type { Head } from '../model/head.ts';
import type { ModelSource } from '../model/source.ts';
import type { ModelInput } from '../model/sources/input.ts';
import type { SourceOptions } from '../model/sources/url.ts';
import { loadTokenizer } from '../text/load.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { type FeatureExtractionPipeline, featureExtraction } from './feature-extraction.ts';
import { checkOptions } from './options.ts';
import { type Progress, watchedSource } from './progress.ts';
import { useHead } from './task-model.ts';
import { type TextClassificationPipeline, textClassification } from './text-classification.ts';
import {
  OPTIONS as TOKEN_CALL_OPTIONS,
  type TokenClassificationOptions,
  type TokenClassificationPipeline,
  tokenClassification,
} from './token-classification.ts';

/** What differs between the runtimes: where the kernels are, and what the name of a model means. */
export interface Platform {
  kernels: KernelBinaries;
  /** The files of a model; without one those of the default. */
  resolveModel(model?: ModelInput, options?: SourceOptions): ModelSource;
}

export type { Progress };

export interface Pipelines {
  'text-classification': TextClassificationPipeline;
  'sentiment-analysis': TextClassificationPipeline;
  'feature-extraction': FeatureExtractionPipeline;
  'token-classification': TokenClassificationPipeline;
  ner: TokenClassificationPipeline;
}
export type Task = keyof Pipelines;

export interface PipelineOptions extends Pick<ModelOptions, 'dtype' | 'simd' | 'threads'>, SourceOptions {
  /** Told of the bytes of each file as they come. */
  progress_callback?: (progress: Progress) => void;
}

/** A pipeline in place of a model: its encoder then serves both, its weights in memory once. */
export interface LoadedPipeline {
  readonly model: unknown;
  readonly tokenizer: Tokenizer;
}

export interface HeadOptions {
  /** A head in place of the model's own; with it the model may be an encoder alone. */
  head?: Head;
}

/** What a task takes at construction beside {@link PipelineOptions}: a head, and defaults for its calls. */
interface TaskOptions extends Record<Task, object> {
  'text-classification': HeadOptions;
  'sentiment-analysis': HeadOptions;
  'token-classification': HeadOptions & TokenClassificationOptions;
  ner: HeadOptions & TokenClassificationOptions;
}

/** `pipeline(task, model?, options?)` as in transformers.js, bound to a platform. */
export type PipelineFunction = <K extends Task>(
  task: K,
  model?: ModelInput | LoadedPipeline,
  options?: PipelineOptions & TaskOptions[K],
) => Promise<Pipelines[K]>;

const TASKS: { [K in Task]: (model: Model, tokenizer: Tokenizer, options?: TaskOptions[K]) => Pipelines[K] } = {
  'text-classification': textClassification,
  'sentiment-analysis': textClassification,
  'feature-extraction': featureExtraction,
  'token-classification': tokenClassification,
  ner: tokenClassification,
};

const MODEL_OPTIONS = ['dtype', 'simd', 'threads', 'cache', 'progress_callback'] as const;
const TEXT_OPTIONS = [...MODEL_OPTIONS, 'head'] as const;
const TOKEN_OPTIONS = [...TEXT_OPTIONS, ...TOKEN_CALL_OPTIONS] as const;
const OPTIONS: { [K in Task]: readonly (keyof (PipelineOptions & TaskOptions[K]))[] } = {
  'text-classification': TEXT_OPTIONS,
  'sentiment-analysis': TEXT_OPTIONS,
  'feature-extraction': MODEL_OPTIONS,
  'token-classification': TOKEN_OPTIONS,
  ner: TOKEN_OPTIONS,
};

/** Labels for tokens; no model comes with these tasks. */
const TOKEN_TASKS: readonly Task[] = ['token-classification', 'ner'];

export function createPipeline(platform: Platform): PipelineFunction {
  return async (task, given, givenOptions) => {
    if (!Object.hasOwn(TASKS, task)) {
      throw new UsageError(`task: expected ${Object.keys(TASKS).join(', ')}, got ${task}`);
    }
    const options = checkOptions(givenOptions, OPTIONS[task]);
    const { model, tokenizer } = isLoaded(given)
      ? sharedModel(given, options)
      : await loadModel(platform, task, given as ModelInput | undefined, options);
    try {
      const { head } = options as HeadOptions;
      if (head) useHead(model, head, TOKEN_TASKS.includes(task) ? 'token' : 'sequence');
      return TASKS[task](model, tokenizer, options);
    } catch (error) {
      model.dispose();
      throw error;
    }
  };
}

function isLoaded(model: ModelInput | LoadedPipeline | undefined): model is LoadedPipeline & { model: Model } {
  return typeof model === 'function' && 'model' in model && model.model instanceof Model;
}

function sharedModel({ model, tokenizer }: LoadedPipeline & { model: Model }, options: PipelineOptions) {
  const wrong = MODEL_OPTIONS.find((option) => options[option] !== undefined);
  if (wrong) throw new UsageError(`${wrong}: expected none beside a pipeline that is loaded, got ${options[wrong]}`);
  return { model: model.share(), tokenizer };
}

/** A model and its tokenizer, checked to belong together. */
export async function loadModel(
  platform: Platform,
  task: Task,
  given: ModelInput | undefined,
  { cache, progress_callback, ...options }: PipelineOptions,
): Promise<{ model: Model; tokenizer: Tokenizer; source: ModelSource }> {
  if (given === undefined && TOKEN_TASKS.includes(task)) {
    throw new UsageError(`model: expected a model directory, since ${task} has no default model, got undefined`);
  }
  const files = platform.resolveModel(given, { cache });
  const source = progress_callback ? watchedSource(files, progress_callback) : files;
  const config = await loadConfig(source);
  const tokenizer = await loadTokenizer(source, config);
  return { model: await Model.load(source, config, platform.kernels, options), tokenizer, source };
}
