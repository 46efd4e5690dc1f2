import type { Decide } from './decisions.ts';
import type { Outputs, Side } from './sides.ts';

/** How far two paths are from each other at one place, over all texts. */
export interface Place {
  /** `hidden:<layer>` or `logits`. */
  name: string;
  /** Largest absolute difference; Infinity where one side is not finite, or tells nothing. */
  largest: number;
  sameBits: boolean;
}

export interface LayerComparison {
  places: Place[];
  /** Part of the decisions of the head; 1 without a head. */
  labelsEqual: number;
  /** The first text whose labels differ. */
  labelsParted?: number;
  /** The first text and place where the difference is above the gate. */
  parted?: { text: number; place: string };
}

/**
 * Holds two paths against each other, layer by layer, at every place that the second tells.
 *
 * @param gate largest absolute difference that is none
 */
export async function compareLayers(
  texts: readonly (readonly number[])[],
  first: Side,
  second: Side,
  decide: Decide,
  gate: number,
): Promise<LayerComparison> {
  const places = new Map<string, Place>();
  let parted: LayerComparison['parted'];
  let labelsParted: number | undefined;
  let [labels, equal] = [0, 0];
  for (const [text, ids] of texts.entries()) {
    const [one, other] = [await first.run(ids), await second.run(ids)];
    for (const [name, values] of other) {
      const place = places.get(name) ?? { name, largest: 0, sameBits: true };
      const largest = largestDifference(valuesOf(one, name), values);
      place.largest = Math.max(place.largest, largest);
      place.sameBits &&= sameBits(valuesOf(one, name), values);
      places.set(name, place);
      if (!(largest <= gate)) parted ??= { text, place: name };
    }
    const logits = other.get('logits');
    if (!logits) continue;
    const [wanted, got] = [decide(logits), decide(valuesOf(one, 'logits'))];
    const same = wanted.filter((id, i) => id === got[i]).length;
    labels += wanted.length;
    equal += same;
    if (same < wanted.length) labelsParted ??= text;
  }
  return { places: [...places.values()], labelsEqual: labels === 0 ? 1 : equal / labels, labelsParted, parted };
}

/** Neighbours in the order of computation: the fault lies between them. */
export interface Difference {
  /** The last place with the same bits; none where the embeddings differ. */
  after?: string;
  /** The first with others. */
  at: string;
}

/** Where the bits of two paths part, in the order of the second side: with the inputs of linear layers among its places, to the linear layer. */
export async function firstDifference(
  ids: readonly number[],
  first: Side,
  second: Side,
): Promise<Difference | undefined> {
  const [one, other] = [await first.run(ids), await second.run(ids)];
  let after: string | undefined;
  for (const [name, values] of other) {
    if (!sameBits(valuesOf(one, name), values)) return { after, at: name };
    after = name;
  }
  return undefined;
}

/** None where a side does not tell a place: such a place is never equal. */
function valuesOf(outputs: Outputs, name: string): Float32Array {
  return outputs.get(name) ?? new Float32Array(0);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
  }
  return largest;
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bits = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length);
  const [x, y] = [bits(a), bits(b)];
  return x.length === y.length && x.every((value, i) => value === y[i]);
}
