import { predictions } from './metrics.ts';
import type { TrainingRow } from './rows.ts';
import type { EvaluatedRows } from './train-head.ts';

/** A row that an evaluation got wrong. */
export interface Mistake {
  /** Index in the evaluation rows. */
  row: number;
  /** Probability of what was given, of several the least: the lower, the higher the loss. */
  score: number;
  /** One of a text; of a sentence one for each word. */
  wrong: { word: number; given: string; predicted: string }[];
}

/** All rows that are not wholly right, the worst first. */
export function mistakes(evaluation: EvaluatedRows, labels: readonly string[]): Mistake[] {
  const found = evaluation.details.kind === 'multi' ? ofSeveral(evaluation, labels) : ofOne(evaluation, labels);
  return found.sort((a, b) => a.score - b.score || a.row - b.row);
}

function ofOne({ starts, words, targets, logits, scores }: EvaluatedRows, labels: readonly string[]): Mistake[] {
  const L = labels.length;
  const predicted = predictions(logits, L);
  const found: Mistake[] = [];
  for (let row = 0; row + 1 < starts.length; row++) {
    const mistake: Mistake = { row, score: 1, wrong: [] };
    for (let vector = starts[row]; vector < starts[row + 1]; vector++) {
      if (predicted[vector] === targets[vector]) continue;
      mistake.score = Math.min(mistake.score, scores[vector * L + targets[vector]]);
      const [given, got] = [labels[targets[vector]], labels[predicted[vector]]];
      mistake.wrong.push({ word: words[vector], given, predicted: got });
    }
    if (mistake.wrong.length > 0) found.push(mistake);
  }
  return found;
}

function ofSeveral({ rows, targets, logits, scores }: EvaluatedRows, labels: readonly string[]): Mistake[] {
  const ids = labels.map((_, id) => id);
  return rows.flatMap((_: TrainingRow, row: number) => {
    const at = (id: number) => row * labels.length + id;
    const wrong = ids.map(at).filter((i) => logits[i] > 0 !== targets[i] > 0);
    if (wrong.length === 0) return [];
    const named = (values: Float32Array | Int32Array) =>
      labels.filter((_, id) => values[at(id)] > 0).join(', ') || 'none';
    const score = Math.min(...wrong.map((i) => (targets[i] > 0 ? scores[i] : 1 - scores[i])));
    return { row, score, wrong: [{ word: 0, given: named(targets), predicted: named(logits) }] };
  });
}
