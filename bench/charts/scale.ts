/** From a value to a place on the page. */
export type Scale = (value: number) => number;

/** 0 at `start`, `most` at `end`. */
export function linear(most: number, start: number, end: number): Scale {
  return (value) => start + ((end - start) * value) / most;
}

/** `least` at `start`, `most` at `end`, each doubling the same length. */
export function logarithmic(least: number, most: number, start: number, end: number): Scale {
  return (value) => start + ((end - start) * Math.log(value / least)) / Math.log(most / least);
}

/** 1, 2, 4 … from `least` to `most`. */
export function powersOfTwo(least: number, most: number): number[] {
  const powers: number[] = [];
  for (let power = least; power <= most; power *= 2) powers.push(power);
  return powers;
}
