import { featureWidth, type HeadPooling } from '../model/head.ts';
import { inBatches } from '../tasks/batches.ts';
import type { TaskModel } from '../tasks/task-model.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { FeatureSet, Features } from './features.ts';
import { pauses } from './pause.ts';
import { type Reading, rowReader } from './read-rows.ts';
import type { RowKind, SequenceRow, TokenRow, TrainingRows } from './rows.ts';
import { type Vectors, VectorsBuilder } from './vectors.ts';

/** What training asks of the engine's `Model`: its kernels train the head too, in a memory of its own. */
export type FeatureEncoder = Pick<
  TaskModel,
  'config' | 'module' | 'features' | 'tokenFeatures' | 'softmax' | 'sigmoid'
>;

/** A feature set that knows which words its vectors come from. */
export interface ExtractedSet extends FeatureSet, Vectors {
  /** Rows that were cut. */
  truncated: number;
}

export interface ExtractOptions {
  kind: RowKind;
  /** Of {@link labelIds} for these rows. */
  ids: readonly number[][];
  /** L */
  labels: number;
  pooling: HeadPooling;
  /** Tokens of a row, special tokens included; longer rows are cut. */
  maxLength?: number;
  newFeatures: (width: number) => Features;
  /** After every pass of the encoder, how many rows are done. */
  onRows?: (rows: number) => void;
  signal?: AbortSignal;
}

/**
 * The frozen encoder's features of all rows, each row read once, as {@link rowReader} has it.
 *
 * @throws UsageError where `maxLength` is out of range
 * @throws the signal's reason
 */
export async function extractFeatures(
  encoder: { model: FeatureEncoder; tokenizer: Tokenizer },
  rows: TrainingRows,
  { kind, ids, labels, pooling, maxLength, newFeatures, onRows, signal }: ExtractOptions,
): Promise<ExtractedSet> {
  const { model } = encoder;
  const readRow = rowReader(encoder, kind, maxLength);
  const read = (row: SequenceRow | TokenRow) => {
    const reading = readRow(row);
    return { ...reading, tokens: reading.ids.length };
  };
  const P = featureWidth(model.config, pooling);
  const features = newFeatures(P);
  const pause = pauses(signal);
  const vectors = new VectorsBuilder(kind, ids, labels);

  let truncated = 0;
  const take = (readings: readonly Reading[]): void => {
    const batch = readings.map((reading) => reading.ids);
    if (kind !== 'token') features.append(model.features(batch, pooling));
    const states = kind === 'token' ? model.tokenFeatures(batch, pooling) : [];
    readings.forEach(({ firsts, truncated: cut }, i) => {
      if (cut) truncated++;
      vectors.addRow(firsts);
      for (const token of firsts ?? []) {
        if (token >= 0) features.append(states[i].subarray(token * P, (token + 1) * P));
      }
    });
  };

  let done = 0;
  for (const readings of inBatches(rows, read)) {
    take(readings);
    done += readings.length;
    onRows?.(done);
    await pause();
  }
  return { features, truncated, ...vectors.finish() };
}
