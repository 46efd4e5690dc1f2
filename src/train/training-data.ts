import { UsageError } from '../errors.ts';
import { isTokenPooling, type ModelConfig } from '../model/config.ts';
import { sha256 } from '../model/sha256.ts';
import { ARGUMENT_NAMES } from './argument-checks.ts';
import { type TrainingArguments, trainingArguments } from './arguments.ts';
import { checkLabels, collectLabels, labelIds } from './labels.ts';
import { METRICS } from './metrics.ts';
import { kindOfRows, type RowKind, type TrainingRows } from './rows.ts';
import { splitRows } from './split.ts';

export interface DataOptions {
  /** Rows to evaluate on; without them, the part `validation_split` of the rows. */
  evaluation?: TrainingRows;
  /** Part of the rows that is held out, of each label alike; 0 for none, default 0.1. */
  validation_split?: number;
  /** The labels by id; by default those of the rows, ascending, and of tags O first. */
  labels?: readonly string[];
}

type PrepareOptions = Partial<TrainingArguments> & DataOptions;

/** Rows of one kind. */
export interface LabelledRows {
  rows: TrainingRows;
  /** Label ids of each. */
  ids: number[][];
}

/** What a run learns from and measures on. */
export interface TrainingData {
  kind: RowKind;
  labels: string[];
  args: TrainingArguments;
  sets: { train: LabelledRows; evaluation?: LabelledRows };
}

/**
 * Rows and arguments with nothing left open: all that can be wrong with them is found here, before the encoder's work.
 *
 * @throws DataError where rows are at fault, by their place
 * @throws UsageError where options are
 */
export function prepareTraining(
  rows: TrainingRows,
  options: PrepareOptions,
  trained: 'head' | 'full' = 'head',
): TrainingData {
  const kind = kindOfRows(rows, 'rows');
  const { evaluation, validation_split = 0.1 } = options;
  const args = trainingArguments(headArguments(options, kind), {
    evaluation: evaluation !== undefined || validation_split > 0,
    metrics: METRICS[kind],
    task: kind === 'token' ? 'token' : 'sequence',
    trained,
  });
  if (kind === 'multi' && (args.class_weights !== null || args.label_smoothing_factor > 0)) {
    const name = args.class_weights ? 'class_weights' : 'label_smoothing_factor';
    throw new UsageError(`${name}: expected none where rows have several labels, got ${args[name]}`);
  }
  if (evaluation !== undefined && options.validation_split) {
    throw new UsageError(`validation_split: expected none beside evaluation rows, got ${options.validation_split}`);
  }
  const labels = options.labels ? checkLabels(options.labels) : collectLabels(rows, kind);
  const ids = labelIds(rows, labels, 'rows');
  if (evaluation !== undefined) {
    const other = kindOfRows(evaluation, 'evaluation');
    if (other !== kind) throw new UsageError(`evaluation: expected rows like those to train on, got others`);
    const sets = {
      train: { rows, ids },
      evaluation: { rows: evaluation, ids: labelIds(evaluation, labels, 'evaluation') },
    };
    return { kind, labels, args, sets };
  }
  const groups = ids.map(([first]) => (kind === 'single' ? first : 0));
  const split = splitRows(groups, validation_split, args.seed);
  const choose = (chosen: readonly number[]): LabelledRows => ({
    rows: chosen.map((row) => rows[row]) as TrainingRows,
    ids: chosen.map((row) => ids[row]),
  });
  const held = split.evaluation.length > 0 ? choose(split.evaluation) : undefined;
  return { kind, labels, args, sets: { train: choose(split.train), evaluation: held } };
}

/** A token head reads every token, and has one layer. */
function headArguments(options: PrepareOptions, kind: RowKind): Partial<TrainingArguments> {
  const given = Object.fromEntries(ARGUMENT_NAMES.map((name) => [name, options[name]])) as Partial<TrainingArguments>;
  if (kind !== 'token') return given;
  if (given.pooling !== undefined && !isTokenPooling(given.pooling)) {
    throw new UsageError(`pooling: expected cls or layers, as token heads have no mean, got ${given.pooling}`);
  }
  if (given.head !== undefined && given.head !== 'linear') {
    throw new UsageError(`head: expected linear, as token heads are, got ${given.head}`);
  }
  return { ...given, head: 'linear' };
}

/**
 * SHA-256 of what a run learns from: the rows in their order, the labels, and the encoder. Its config holds the SHA-256 of
 * its weights and its tokenizer; where it has no manifest, they show in values that are made of them, or in themselves.
 */
export function fingerprint(
  config: ModelConfig,
  { labels, sets }: TrainingData,
  maxLength: number | undefined,
  values: Iterable<Float32Array>,
): string {
  const hash = sha256();
  const encoder = new TextEncoder();
  const add = (value: unknown) => hash.update(encoder.encode(`${JSON.stringify(value)}\n`));
  add([config.raw, labels, maxLength ?? null]);
  for (const set of [sets.train, sets.evaluation]) {
    add(set?.rows.length ?? null);
    for (const row of set?.rows ?? []) add('tokens' in row ? [row.tokens, row.tags] : [row.text, row.label]);
  }
  for (const { buffer, byteOffset, byteLength } of values) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest();
}
