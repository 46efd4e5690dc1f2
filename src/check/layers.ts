import { predictions } from '../train/metrics.ts';
import type { Outputs, Side } from './sides.ts';

/** How far two paths are from each other at one place, over all texts. */
export interface Place {
  /** `hidden:<layer>` or `logits`. */
  name: string;
  /** Largest absolute difference; Infinity where one side is not finite. */
  largest: number;
  sameBits: boolean;
}

export interface LayerComparison {
  places: Place[];
  /** Of all texts, or tokens where the head labels those; 1 without a head. */
  labelsEqual: number;
  /** The first text and place where the difference is above the gate. */
  parted?: { text: number; place: string };
}

/**
 * Holds two paths against each other, layer by layer. Places that only one of them tells are left out.
 *
 * @param L labels of the head
 * @param gate largest absolute difference that is none
 */
export async function compareLayers(
  texts: readonly (readonly number[])[],
  first: Side,
  second: Side,
  L: number,
  gate: number,
): Promise<LayerComparison> {
  const places = new Map<string, Place>();
  let parted: LayerComparison['parted'];
  let [labels, equal] = [0, 0];
  for (const [text, ids] of texts.entries()) {
    const [one, other] = [await first.run(ids), await second.run(ids)];
    for (const name of shared(one, other)) {
      const place = places.get(name) ?? { name, largest: 0, sameBits: true };
      const [a, b] = [one.get(name) as Float32Array, other.get(name) as Float32Array];
      const largest = largestDifference(a, b);
      place.largest = Math.max(place.largest, largest);
      place.sameBits &&= sameBits(a, b);
      places.set(name, place);
      if (!(largest <= gate)) parted ??= { text, place: name };
    }
    const [a, b] = [one.get('logits'), other.get('logits')];
    if (!a || !b) continue;
    const [wanted, got] = [predictions(a, L), predictions(b, L)];
    labels += wanted.length;
    equal += wanted.filter((id, i) => id === got[i]).length;
  }
  return { places: [...places.values()], labelsEqual: labels === 0 ? 1 : equal / labels, parted };
}

/** The first place, in the order of the second side, where the bits differ: with the inputs of linear layers among them, that after which the fault lies. */
export async function firstDifference(ids: readonly number[], first: Side, second: Side): Promise<string | undefined> {
  const [one, other] = [await first.run(ids), await second.run(ids)];
  return shared(one, other).find((name) => !sameBits(one.get(name) as Float32Array, other.get(name) as Float32Array));
}

/** Names of both, in the order of the second. */
function shared(one: Outputs, other: Outputs): string[] {
  return [...other.keys()].filter((name) => one.has(name));
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
