/** T ids of the 30,522 of BERT's vocabulary. */
export const sequence = (T: number): Int32Array =>
  Int32Array.from({ length: T }, (_, t) => 1000 + ((t * 7919) % 20000));
