import type { ModelConfig } from '../../model/config.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { pauses } from '../pause.ts';
import { type Reading, rowReader } from '../read-rows.ts';
import type { RowKind } from '../rows.ts';
import type { LabelledRows } from '../training-data.ts';
import { type Vectors, VectorsBuilder } from '../vectors.ts';

/** Rows as a whole model reads them at every step, and what its head should make of them. */
export interface EncodedRows extends Vectors {
  readings: readonly Reading[];
  /** Rows that were cut. */
  truncated: number;
}

export interface EncodeOptions {
  kind: RowKind;
  /** L */
  labels: number;
  /** Tokens of a row, special tokens included. */
  maxLength?: number;
  signal?: AbortSignal;
}

/**
 * @throws UsageError where `maxLength` is out of range
 * @throws the signal's reason
 */
export async function encodeRows(
  encoder: { model: { config: ModelConfig }; tokenizer: Tokenizer },
  { rows, ids }: LabelledRows,
  { kind, labels, maxLength, signal }: EncodeOptions,
): Promise<EncodedRows> {
  const read = rowReader(encoder, kind, maxLength);
  const pause = pauses(signal);
  const vectors = new VectorsBuilder(kind, ids, labels);
  const readings: Reading[] = [];
  for (const row of rows) {
    const reading = read(row);
    vectors.addRow(reading.firsts);
    readings.push(reading);
    await pause();
  }
  return { readings, truncated: readings.filter(({ truncated }) => truncated).length, ...vectors.finish() };
}
