import { featureWidth, type HeadPooling } from '../model/head.ts';
import type { TaskModel } from '../tasks/task-model.ts';
import { maxTokens, windowsOf } from '../tasks/windows.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { wordEncoder } from './encode-words.ts';
import type { FeatureSet, Features } from './features.ts';
import { pauses } from './pause.ts';
import type { RowKind, SequenceRow, TokenRow, TrainingRows } from './rows.ts';

/** What training asks of the engine's `Model`: its kernels train the head too, in a memory of its own. */
export type FeatureEncoder = Pick<
  TaskModel,
  'config' | 'module' | 'features' | 'tokenFeatures' | 'softmax' | 'sigmoid'
>;

/** A feature set that knows which words its vectors come from. */
export interface ExtractedSet extends FeatureSet {
  /** Of a sentence's vectors, the index of each one's word; of a text's, 0. */
  words: Uint32Array;
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

/** One pass of the encoder: tokens that it takes at once. More would only keep others waiting. */
const TOKENS = 512;

/** A row as the encoder reads it, and the tokens whose vectors are wanted. */
interface Reading {
  ids: Int32Array;
  /** Index of the first token of each word; none for a text, which is pooled. */
  firsts?: Int32Array;
  truncated: boolean;
}

/**
 * The frozen encoder's features of all rows, each row read once. Sentences are aligned as Hugging Face's guide to token
 * classification does: the first token of a word has its label, and the others none.
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
  const read = reader(encoder, kind, maxLength);
  const P = featureWidth(model.config, pooling);
  const features = newFeatures(P);
  const pause = pauses(signal);
  const starts = new Uint32Array(rows.length + 1);
  const words: number[] = [];
  const targets: number[] = [];

  /** Takes in the vectors of the readings of rows `first` and on. */
  const take = (readings: readonly Reading[], first: number): void => {
    const batch = readings.map((reading) => reading.ids);
    if (kind !== 'token') features.append(model.features(batch, pooling));
    const states = kind === 'token' ? model.tokenFeatures(batch, pooling) : [];
    readings.forEach(({ firsts }, i) => {
      const row = first + i;
      firsts?.forEach((token, word) => {
        if (token < 0) return;
        features.append(states[i].subarray(token * P, (token + 1) * P));
        words.push(word);
        targets.push(ids[row][word]);
      });
      if (!firsts) words.push(0);
      if (kind === 'single') targets.push(ids[row][0]);
      starts[row + 1] = words.length;
    });
  };

  let readings: Reading[] = [];
  let tokens = 0;
  let truncated = 0;
  for (const [row, each] of rows.entries()) {
    const reading = read(each);
    if (reading.truncated) truncated++;
    if (tokens + reading.ids.length > TOKENS && readings.length > 0) {
      take(readings, row - readings.length);
      onRows?.(row);
      await pause();
      readings = [];
      tokens = 0;
    }
    readings.push(reading);
    tokens += reading.ids.length;
  }
  take(readings, rows.length - readings.length);
  onRows?.(rows.length);
  await pause();
  return {
    features,
    starts,
    words: Uint32Array.from(words),
    truncated,
    targets: kind === 'multi' ? oneHot(ids, labels) : Int32Array.from(targets),
  };
}

function reader(
  { model: { config }, tokenizer }: { model: FeatureEncoder; tokenizer: Tokenizer },
  kind: RowKind,
  maxLength: number | undefined,
): (row: SequenceRow | TokenRow) => Reading {
  // Checks the length in either case.
  const encode = windowsOf(tokenizer, config, { max_length: maxLength });
  if (kind !== 'token') return (row) => encode((row as SequenceRow).text)[0];
  const encodeWords = wordEncoder(tokenizer, maxLength ?? maxTokens(tokenizer, config));
  return (row) => encodeWords((row as TokenRow).tokens);
}

/** f32 [N, L] of 0 and 1. */
function oneHot(ids: readonly number[][], L: number): Float32Array {
  const targets = new Float32Array(ids.length * L);
  ids.forEach((given, row) => {
    for (const id of given) targets[row * L + id] = 1;
  });
  return targets;
}
