import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataError } from '../errors.ts';
import type { Answer } from './parquet-reader.ts';
import type { Row } from './row.ts';

/** Heap of the reader: a row group must fit, and a file that asks for any amount ends soon. */
const HEAP_MB = 2048;

/** Beside this file, with its ending: .ts here, .js where it is built. */
const READER = new URL(`./parquet-reader${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/**
 * Rows of a parquet file, those of one row group at a time.
 *
 * @param onClassLabels called ahead of the rows with the names of Hugging Face's class labels, by column
 * @throws DataError naming the file where it is none, or too large a row group for 2 GB
 */
export async function* parquetRows(
  path: string,
  onClassLabels: (labels: Readonly<Record<string, readonly string[]>>) => void = () => {},
): AsyncGenerator<Row[]> {
  const reader = fork(READER, [path], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const ended = once(reader, 'exit').then((): [Answer] => [{ fault: `a row group that ${HEAP_MB} MB do not hold` }]);
  try {
    for (let row = 1; ; ) {
      reader.send('next');
      const [answer] = (await Promise.race([once(reader, 'message'), ended])) as [Answer];
      if ('fault' in answer) throw new DataError(`${path}: expected a parquet file, got ${answer.fault}`);
      if ('done' in answer) return;
      onClassLabels(answer.classLabels);
      yield answer.rows.map((fields) => ({ place: `${path}: row ${row++}`, fields }));
    }
  } finally {
    reader.kill('SIGKILL');
  }
}
