import { DataError } from '../errors.ts';
import type { SequenceRow, TokenRow } from '../train/rows.ts';
import type { Input } from './input.ts';
import { type LabelledFormat, type LabelledOptions, labelledRows } from './labelled.ts';

export interface TrainingFile extends LabelledFormat {
  rows: (SequenceRow | TokenRow)[];
  /** Rows that were left out. */
  faults: Faults;
}

/** How many rows are at fault, and what is wrong with the first of them. */
interface Faults {
  count: number;
  first: string[];
}

const MAX_TOLD = 3;

/**
 * All the rows of a labelled file, in memory.
 *
 * @param options `skipBadRows` leaves out rows at fault, undefined where the command knows no such option; `maxRows` are read at most
 * @throws DataError where the file has no rows or not the columns, and naming the rows at fault unless they are skipped
 */
export async function readTrainingFile(
  input: Input,
  options: LabelledOptions & { skipBadRows?: boolean; maxRows?: number },
): Promise<TrainingFile> {
  const rows: TrainingFile['rows'] = [];
  const faults: Faults = { count: 0, first: [] };
  let format: LabelledFormat | undefined;
  const pieces = labelledRows(input, options, (found) => {
    format = found;
  });
  for await (const piece of pieces) {
    for (const row of piece) {
      if (!(row instanceof DataError)) rows.push(row);
      else if (faults.count++ < MAX_TOLD) faults.first.push(row.message);
      if (rows.length === options.maxRows) break;
    }
    if (rows.length === options.maxRows) break;
  }
  if (faults.count > 0 && !options.skipBadRows) {
    const remedy = ` (--skip-bad-rows leaves ${faults.count === 1 ? 'it' : 'them'} out)`;
    throw new DataError(faultsTold(faults) + (options.skipBadRows === undefined ? '' : remedy));
  }
  if (!format || rows.length === 0) throw new DataError(`${input.name}: expected labelled rows, got none`);
  return { ...format, rows, faults };
}

export function faultsTold({ count, first }: Faults): string {
  return first.join('; ') + (count > first.length ? `; and ${count - first.length} more rows at fault` : '');
}
