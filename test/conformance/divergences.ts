/**
 * Known differences from Python `tokenizers` 0.23.3, each with its reason. `npm run conformance` counts them apart; any
 * other difference fails. There is none so far. Two cases are out of reach of a comparison: a lone surrogate, which
 * Python cannot encode and we read as U+FFFD; and an added token whose id in the file is not the next free one, which
 * Python renumbers, while we keep the file's id, as that is the row of the embeddings.
 */
export interface Divergence {
  readonly reason: string;
  matches(texts: readonly string[], configuration: string): boolean;
}

export const divergences: readonly Divergence[] = [];
