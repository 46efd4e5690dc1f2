import { DataError } from '../errors.ts';
import { show } from '../model/json.ts';
import { labelsOf } from '../train/labels.ts';
import type { SequenceRow, TokenRow, TrainingRows } from '../train/rows.ts';
import { openInput } from './input.ts';
import type { RowTask } from './labelled-row.ts';
import type { LabelledInputOptions } from './options.ts';
import { listed } from './row.ts';
import { faultsTold, readTrainingFile, type TrainingFile } from './training-rows.ts';

/** Which rows of which files are read. */
export interface DataFileOptions extends LabelledInputOptions {
  validationFile?: string;
  task?: RowTask;
  labels?: string[];
  maxTrainSamples?: number;
  maxEvalSamples?: number;
  skipBadRows?: boolean;
}

export interface DataFiles {
  rows: TrainingRows;
  evaluation?: TrainingRows;
  /** By id, where they were named or a file declares them. */
  labels?: readonly string[];
  /** Rows at fault that were left out. */
  skipped: number;
}

/**
 * The rows to train and to evaluate on.
 *
 * @param say tells people what was read, and what they may not expect of it
 * @throws DataError where a file is at fault, or has rows of one label alone
 */
export async function readTrainingData(
  path: string,
  options: DataFileOptions,
  say: (text: string) => void,
): Promise<DataFiles> {
  const read = async (file: string, settings: DataFileOptions, maxRows?: number): Promise<TrainingFile> => {
    const found = await readTrainingFile(await openInput(file, options.inputFormat), {
      ...settings,
      skipBadRows: options.skipBadRows ?? false,
      maxRows,
    });
    const { rows, columns, faults } = found;
    say(`${file}: ${rows.length} rows (${columns.text}, ${columns.label})`);
    if (faults.count > 0) say(`${file}: ${faults.count} rows left out: ${faultsTold(faults)}`);
    return found;
  };
  const train = await read(path, options, options.maxTrainSamples);
  const counts = labelFrequencies(train.rows);
  if (counts.size === 1 && !Array.isArray((train.rows[0] as SequenceRow).label)) {
    throw new DataError(`${path}: expected rows of at least two labels, got ${listed([...counts.keys()])} alone`);
  }
  say(`labels: ${told(counts)}`);
  const labels = options.labels ?? train.labels;
  const rows = train.rows as TrainingRows;
  if (options.validationFile === undefined) return { rows, labels, skipped: train.faults.count };

  const known = labels ?? [...counts.keys()];
  const validation = await read(
    options.validationFile,
    { ...options, task: train.task, labels: [...known] },
    options.maxEvalSamples,
  );
  const seen = new Set(train.rows.map(textOf));
  const both = validation.rows.filter((row) => seen.has(textOf(row))).length;
  if (both > 0) say(`${options.validationFile}: ${both} rows are also in ${path}: figures on them flatter`);
  return {
    rows,
    evaluation: validation.rows as TrainingRows,
    labels,
    skipped: train.faults.count + validation.faults.count,
  };
}

function labelFrequencies(rows: readonly (SequenceRow | TokenRow)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) for (const label of labelsOf(row)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

const MAX_TOLD = 8;

/** The most frequent labels and how often each is given. */
function told(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const more = sorted.length > MAX_TOLD ? ` and ${sorted.length - MAX_TOLD} more` : '';
  return (
    sorted
      .slice(0, MAX_TOLD)
      .map(([label, count]) => `${show(label)} ${count}`)
      .join(', ') + more
  );
}

function textOf(row: SequenceRow | TokenRow): string {
  return 'tokens' in row ? row.tokens.join(' ') : row.text;
}
