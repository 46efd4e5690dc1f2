/** DistilBERT-base: layers, D, F. */
const [LAYERS, D, F] = [6, 768, 3072];

/** Multiply-accumulates that one token takes in the linear layers, which is the number of their weights. */
export const LINEAR = LAYERS * (4 * D * D + 2 * D * F);

/** Multiply-accumulates of B sequences of T tokens: linear layers, scores and weighted values. The head is 0.6 M of each. */
export function macsOf(B: number, T: number): number {
  return B * (T * LINEAR + 2 * LAYERS * D * T * T);
}
