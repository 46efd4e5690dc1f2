/** All that is promised of size and memory, in bytes. Times are no part of it: see bench/. */
export const BUDGETS = {
  /** JavaScript and one build of the kernels that a predicting page loads, by gzip -9. */
  page: 40_000,
  /** Weights of the default model on the disk and over the wire, head included. */
  weights: 24_500_000,
  /**
   * Most that loading the default model adds to the resident memory of Node, what it touches of Node's own code included: 55 to
   * 62 MB in 30 runs, as garbage is collected sooner or later. A second copy of the weights would be 24 MB more.
   */
  load: 68_000_000,
  /** The same when it has read 512 tokens: 61 to 68 MB. */
  predict: 76_000_000,
} as const;

/** The script of a predicting page. */
export const PREDICTING_PAGE = `import { pipeline } from 'bertwasm';
globalThis.labels = (await pipeline('text-classification', '/model'))(location.hash);`;
