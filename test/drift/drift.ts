import { argmax, cosine, maxDifference } from './compare.ts';

/** What an engine, or the reference, says of one text. */
export interface Outcome {
  /** [CLS] of the last layer [D]. */
  cls: ArrayLike<number>;
  logits: ArrayLike<number>;
}

export interface Drift {
  texts: number;
  clsCosine: { mean: number; min: number };
  maxClsDifference: number;
  maxLogitChange: number;
  /** Texts with another label than the reference gives, by whether the reference's two best logits are within MARGIN. */
  labelsChanged: { outsideMargin: number; insideMargin: number };
  /** Texts within the margin. */
  insideMargin: number;
}

export interface Gate {
  name: string;
  wanted: string;
  got: number;
  passed: boolean;
}

/** Logits closer than this leave the label open. */
export const MARGIN = 0.5;
export const MIN_MEAN_COSINE = 0.9996;
export const MAX_F32_DIFFERENCE = 1e-4;

export function measure(reference: readonly Outcome[], got: readonly Outcome[]): Drift {
  const cosines = reference.map(({ cls }, i) => cosine(cls, got[i].cls));
  const open = reference.map(({ logits }) => margin(logits) <= MARGIN);
  const changed = reference.map(({ logits }, i) => argmax(logits) !== argmax(got[i].logits));
  return {
    texts: reference.length,
    clsCosine: { mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length, min: Math.min(...cosines) },
    maxClsDifference: Math.max(...reference.map(({ cls }, i) => maxDifference(cls, got[i].cls))),
    maxLogitChange: Math.max(...reference.map(({ logits }, i) => maxDifference(logits, got[i].logits))),
    labelsChanged: {
      outsideMargin: changed.filter((other, i) => other && !open[i]).length,
      insideMargin: changed.filter((other, i) => other && open[i]).length,
    },
    insideMargin: open.filter(Boolean).length,
  };
}

export function gatesQ8({ clsCosine, labelsChanged }: Drift): Gate[] {
  return [
    atLeast('q8: mean CLS cosine', clsCosine.mean, MIN_MEAN_COSINE),
    atMost(`q8: labels changed outside ${MARGIN} logits`, labelsChanged.outsideMargin, 0),
  ];
}

export function gatesF32({ maxClsDifference, maxLogitChange }: Drift): Gate[] {
  return [
    atMost('f32: largest CLS difference', maxClsDifference, MAX_F32_DIFFERENCE),
    atMost('f32: largest logit difference', maxLogitChange, MAX_F32_DIFFERENCE),
  ];
}

export function atMost(name: string, got: number, limit: number): Gate {
  return { name, wanted: `<= ${limit}`, got, passed: got <= limit };
}

export function atLeast(name: string, got: number, limit: number): Gate {
  return { name, wanted: `>= ${limit}`, got, passed: got >= limit };
}

/** The best logit above the second best. */
function margin(logits: ArrayLike<number>): number {
  const [best, second] = Array.from(logits).sort((a, b) => b - a);
  return best - second;
}
