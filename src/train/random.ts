/** What random numbers are for: the second word of the generator's key, so that no two uses share numbers. */
export const STREAMS = {
  shuffle: 3,
  split: 4,
  dropout: 0x64726f70,
  initialWeights: 0x696e6974,
  dropoutMasks: 0x66756c6c,
} as const;

/**
 * A new order of the rows 0 to n - 1 for each epoch (Fisher-Yates). It comes from the arguments alone, so that a run
 * that was interrupted needs no generator's state.
 */
export function shuffled(n: number, seed: number, epoch: number): Uint32Array {
  return permutation(n, drawer(seed, STREAMS.shuffle, epoch));
}

/** An order of n rows of label `label`, for choosing those that are held out. */
export function splitOrder(n: number, seed: number, label: number): Uint32Array {
  return permutation(n, drawer(seed, STREAMS.split, label));
}

/**
 * Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random words for a counter
 * of four words under a key of two.
 */
export function philox(counter: readonly number[], key: readonly number[]): Uint32Array {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low0 = Math.imul(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return Uint32Array.of(c0, c1, c2, c3);
}

/** The upper 32 bits of the product of two u32, by halves: JavaScript's numbers are exact to 53 bits only. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  return a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(((middle & 0xffff) + a0 * b1) / 0x10000);
}

/** Draws whole numbers below a bound, each as likely: of 2^32 words those past the last whole multiple are passed over. */
export function drawer(seed: number, purpose: number, index: number): (bound: number) => number {
  let block = 0;
  let words = new Uint32Array(0);
  let used = 0;
  const next = (): number => {
    if (used === words.length) {
      words = philox([block++, index, 0, 0], [seed, purpose]) as Uint32Array<ArrayBuffer>;
      used = 0;
    }
    return words[used++];
  };
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = next();
    while (word >= limit) word = next();
    return word % bound;
  };
}

function permutation(n: number, below: (bound: number) => number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const k = below(i + 1);
    const value = order[i];
    order[i] = order[k];
    order[k] = value;
  }
  return order;
}
