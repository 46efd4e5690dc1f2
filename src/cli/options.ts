import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MOST_THREADS } from '../engine/control.ts';
import { UsageError } from '../errors.ts';
import type { PipelineOptions } from '../tasks/pipeline.ts';
import { FORMATS, type Format } from './input.ts';

export interface ModelOptions extends PipelineOptions {
  model?: string;
}

/** `--model`, `--dtype` and `--simd`. */
export function modelOptions(command: Command): Command {
  return modelOption(command)
    .addOption(new Option('--dtype <type>', 'fail unless the model holds this').choices(['q8', 'fp32']))
    .addOption(
      new Option('--simd <build>', 'build of the kernels').choices(['auto', 'base', 'relaxed']).default('auto'),
    );
}

/** `--threads`; a library keeps to one, a program of its own takes the machine. */
export function threadsOption(command: Command): Command {
  return command.option(
    '--threads <n>',
    'threads that compute; the result is the same bits with any number (default: as many as there are cores)',
    wholeNumber(1, MOST_THREADS),
  );
}

export function pipelineOptions({ dtype, simd, threads = cores() }: ModelOptions): PipelineOptions {
  return { dtype, simd, threads };
}

export function cores(): number {
  return Math.min(availableParallelism(), MOST_THREADS);
}

/** How texts are read and computed. */
export interface ReadingOptions {
  maxLength?: number;
  stride?: number;
  batchSize?: number;
}

/** `--max-length`, `--stride` and `--batch-size`. */
export function readingOptions(command: Command): Command {
  return command
    .option('--max-length <tokens>', 'tokens to read at once (default: as many as the model takes)', wholeNumber(3))
    .option(
      '--stride <tokens>',
      'read a long text as windows that share this many tokens, at most half of --max-length',
      wholeNumber(0),
    )
    .option(
      '--batch-size <rows>',
      'most rows to compute at a time (default: as many as make 512 tokens)',
      wholeNumber(1),
    );
}

export function modelOption(command: Command): Command {
  return command.option('--model <dir>', 'directory or installed package of the model (default: "bertwasm-sentiment")');
}

/**
 * The model of a command that takes it as its argument or as `--model`.
 *
 * @throws UsageError where both are given
 */
export function oneModel(
  command: string,
  argument: string | undefined,
  option: string | undefined,
): string | undefined {
  if (argument !== undefined && option !== undefined) {
    throw new UsageError(`${command}: expected one model, got an argument and --model`);
  }
  return argument ?? option;
}

export interface InputOptions {
  inputFormat?: Format;
  textColumn: string;
}

/** `--input-format` and `--text-column`. */
export function inputOptions(command: Command): Command {
  return formatOption(command).option('--text-column <name>', 'column or field of the text', 'text');
}

function formatOption(command: Command): Command {
  return command.addOption(
    new Option('--input-format <format>', 'of files and stdin (default: by ending; jsonl)').choices(FORMATS),
  );
}

export interface LabelledInputOptions {
  inputFormat?: Format;
  textColumn?: string;
  labelColumn?: string;
  labelSeparator?: string;
}

/** How a labelled file is read. */
export function labelledInputOptions(command: Command): Command {
  return formatOption(command)
    .option('--text-column <name>', 'column or field of the text, or of the tokens (default: text; tokens)')
    .option('--label-column <name>', 'column or field of the label, or of the tags (default: label; ner_tags, tags)')
    .option('--label-separator <text>', 'what stands between the labels of a row that may have several');
}

/** Parser of an option that takes a whole number of at least `least`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (value: string) => number {
  return (value) => {
    if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
      throw new InvalidArgumentError(`Expected a whole number from ${least}${range}.`);
    }
    return Number(value);
  };
}
