import { DataError } from '../errors.ts';
import { show } from '../model/json.ts';
import type { SequenceRow, TokenRow } from '../train/rows.ts';
import { CONLL_COLUMNS } from './conll.ts';
import type { Input } from './input.ts';
import { type Columns, type RowTask, rowReader } from './labelled-row.ts';
import { lacksField, type Row } from './row.ts';
import { type ClassLabels, readAnyRows } from './rows.ts';

export interface LabelledOptions {
  /** Default: token-classification where the first row has an array of tokens. */
  task?: RowTask;
  /** Of the text or the tokens, and of the label or the tags; default the one of {@link COLUMNS} that is there. */
  textColumn?: string;
  labelColumn?: string;
  /** What stands between the labels of a text that may have several. */
  labelSeparator?: string;
  /** The labels by id, where they are known: rows of others are at fault, and ids stand for names. */
  labels?: readonly string[];
}

/** What the first row shows of a file. */
export interface LabelledFormat {
  task: RowTask;
  columns: Columns;
  /** By id, where the file declares them. */
  labels?: readonly string[];
}

/** Columns to look for, as data sets on the Hugging Face hub name them. */
const COLUMNS = {
  'text-classification': { text: ['text', 'sentence', 'review', 'content', 'question'], label: ['label', 'labels'] },
  'token-classification': { text: [CONLL_COLUMNS.tokens], label: [CONLL_COLUMNS.tags, 'tags', 'labels'] },
} as const;

/**
 * The rows of a labelled file in pieces, as {@link readAnyRows}; a row at fault is an error in its place.
 *
 * @param onFormat called ahead of the first row
 * @throws DataError where the file has not the columns
 */
export async function* labelledRows(
  input: Input,
  options: LabelledOptions,
  onFormat: (format: LabelledFormat) => void = () => {},
): AsyncGenerator<(SequenceRow | TokenRow | DataError)[]> {
  let declared: ClassLabels = {};
  const onClassLabels = (labels: ClassLabels) => {
    declared = labels;
  };
  let read: ((row: Row) => SequenceRow | TokenRow | DataError) | undefined;
  for await (const piece of readAnyRows(input, { textColumn: options.textColumn, onClassLabels })) {
    yield piece.map((row) => {
      if (row instanceof DataError) return row;
      if (!read) {
        const task = options.task ?? taskOf(row, options);
        const columns = chooseColumns(row, task, options);
        const labels = Object.hasOwn(declared, columns.label) ? declared[columns.label] : undefined;
        onFormat({ task, columns, labels });
        read = rowReader(task, columns, { ...options, labels: options.labels ?? labels });
      }
      return read(row);
    });
  }
}

function taskOf({ fields }: Row, { textColumn = CONLL_COLUMNS.tokens }: LabelledOptions): RowTask {
  return Array.isArray(fields[textColumn]) ? 'token-classification' : 'text-classification';
}

function chooseColumns(row: Row, task: RowTask, { textColumn, labelColumn }: LabelledOptions): Columns {
  const { text, label } = COLUMNS[task];
  return {
    text: chooseColumn(row, textColumn, text, '--text-column'),
    label: chooseColumn(row, labelColumn, label, '--label-column'),
  };
}

/** The column that was named, or the usual one, or the only one of the others: no guess between two. */
function chooseColumn(row: Row, named: string | undefined, usual: readonly string[], option: string): string {
  const there = (named === undefined ? usual : [named]).filter((column) => Object.hasOwn(row.fields, column));
  if (there.length === 1 || there[0] === usual[0]) return there[0];
  throw new DataError(
    there.length === 0
      ? `${row.place}: ${lacksField(named ?? usual[0], Object.keys(row.fields), option)}`
      : `${row.place}: expected ${option}, since there are ${there.map(show).join(', ')}, got none`,
  );
}
