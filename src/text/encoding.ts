/** What one text, or one window of it, becomes. T tokens. */
export interface Encoding {
  /** [T] */
  readonly ids: Int32Array;
  /** [T], 1 for what belongs to the second text of a pair. */
  readonly typeIds: Uint8Array;
  /** [T] */
  readonly tokens: string[];
  /** [2T], start and end of each token in its text, in UTF-16 units as `String.slice` takes; 0, 0 if special. */
  readonly offsets: Uint32Array;
  /** [T], 1 for tokens that the template added. */
  readonly specialTokensMask: Uint8Array;
  /** [T], number of the word in its text; `null` for special tokens. */
  readonly wordIds: (number | null)[];
  /** [T], 0 for the first text, 1 for the second; `null` for special tokens. */
  readonly sequenceIds: (number | null)[];
  /** Whether the text did not fit: this is its first window, or a further one. */
  readonly truncated: boolean;
  /** The further windows. */
  readonly overflowing: Encoding[];
}

/** The tokens of one text, without special tokens: arrays side by side. */
export class Pieces {
  readonly ids: number[] = [];
  readonly tokens: string[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly words: number[] = [];

  get length(): number {
    return this.ids.length;
  }
}

/** Pieces `from` to `to` of a text. */
export interface Window {
  readonly pieces: Pieces;
  readonly from: number;
  readonly to: number;
}
