import type { Drift } from './drift.ts';
import type { HeadComparison } from './heads.ts';
import type { Difference, LayerComparison } from './layers.ts';

/** What a check may find at most, or at least. */
export const GATES = {
  /** Largest absolute difference of a hidden state, engine against graph. */
  hidden: 1e-4,
  /** Mean cosine of [CLS], q8 against fp32. */
  cosine: 0.9996,
  /** Part of the labels that are equal, q8 against fp32. */
  labels: 0.995,
  /** Relative L2 of the gradient of each tensor, of the losses, and of the weights after the steps. */
  head: 1e-5,
} as const;

/** One line of the result: a figure and what it may be. */
export interface Gate {
  check: 'a' | 'b' | 'c' | 'd' | 'e';
  name: string;
  figure: number;
  most?: number;
  least?: number;
  passed: boolean;
  /** Where a broken one shows first: a text and a layer, or a tensor. */
  where?: string;
}

export interface Found {
  q8: LayerComparison;
  /** Where the bits of the q8 paths part, if they are above the gate. */
  difference?: Difference;
  fp32: LayerComparison;
  drift: Drift;
  head: HeadComparison;
}

/** All gates, in the order in which a fault would spread. */
export function gatesOf({ q8, difference, fp32, drift, head }: Found): Gate[] {
  const gradient = farthest(head.gradients);
  return [
    most('a', 'q8 engine against q8 graph, hidden states', largest(q8), GATES.hidden, placed(q8, difference)),
    least('a', 'labels equal', q8.labelsEqual, 1, logitsOf(q8)),
    most('b', 'f32 engine against fp32 graph, hidden states', largest(fp32), GATES.hidden, placed(fp32)),
    least('c', 'q8 against fp32, cosine of [CLS], mean', drift.cosine.mean, GATES.cosine, drifted(drift)),
    least('c', 'labels equal', drift.labelsEqual, GATES.labels, logitsOf(drift)),
    most('d', 'gradients of a head, the worst tensor', gradient.difference, GATES.head, gradient.tensor),
    most('e', `losses of ${head.losses.length} steps of a head`, head.loss, GATES.head, lossParted(head)),
    most('e', 'weights after them', head.weights, GATES.head, farthest(head.tensors).tensor),
  ];
}

function most(check: Gate['check'], name: string, figure: number, most: number, where?: string): Gate {
  const passed = figure <= most;
  return { check, name, figure, most, passed, ...(passed ? {} : { where }) };
}

function least(check: Gate['check'], name: string, figure: number, least: number, where?: string): Gate {
  const passed = figure >= least;
  return { check, name, figure, least, passed, ...(passed ? {} : { where }) };
}

function largest({ places }: LayerComparison): number {
  return Math.max(...places.filter(({ name }) => name.startsWith('hidden')).map(({ largest }) => largest));
}

function placed({ parted }: LayerComparison, difference?: Difference): string | undefined {
  if (!parted) return undefined;
  const { after = 'the ids', at = parted.place } = difference ?? {};
  const bits = difference ? `; the same bits to ${after}, others from ${at}` : '';
  return `text ${parted.text + 1}, ${parted.place}${bits}`;
}

function logitsOf({ labelsParted }: { labelsParted?: number }): string | undefined {
  return labelsParted === undefined ? undefined : `text ${labelsParted + 1}, logits`;
}

/** The first layer whose mean is below what the last one's may be; the mean of a last one that is broken is. */
function drifted({ layers, leastText }: Drift): string {
  return `text ${leastText + 1}, hidden:${layers.findIndex((cosine) => !(cosine >= GATES.cosine))}`;
}

function lossParted({ losses }: HeadComparison): string | undefined {
  const step = losses.findIndex(([ours, theirs]) => !(Math.abs(ours - theirs) <= GATES.head * Math.abs(theirs)));
  return step < 0 ? undefined : `step ${step + 1}`;
}

/** What is not a number is farther than any. */
function farthest(tensors: HeadComparison['tensors']): HeadComparison['tensors'][number] {
  return tensors.reduce((a, b) => (b.difference > a.difference || Number.isNaN(b.difference) ? b : a));
}
