import { parseRows } from './delimited.ts';
import type { Row } from './row.ts';

/** Most bytes of a file or of what is pasted: 2,000 rows of long sentences. */
const MOST_BYTES = 1_000_000;
/** Most rows of a list: both heads on so many take 40 s. */
const MOST_ROWS = 2000;

/**
 * Rows of a file or of what was pasted, for a list that has some.
 *
 * @throws Error that names the line at fault, or the limit
 */
export async function takeRows(source: Blob, had: number): Promise<Row[]> {
  if (source.size > MOST_BYTES)
    throw new Error(`expected at most ${plain(MOST_BYTES)} bytes, got ${plain(source.size)}`);
  const rows = parseRows(await source.text());
  const count = had + rows.length;
  if (count > MOST_ROWS) throw new Error(`expected at most ${plain(MOST_ROWS)} rows in all, got ${plain(count)}`);
  return rows;
}

const plain = (count: number) => count.toLocaleString('en');
