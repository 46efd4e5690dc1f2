import type { RowKind } from './rows.ts';

/** The N vectors that a head reads: one of a text, one of each word of a sentence that has a token. */
export interface Vectors {
  /** Row r has the vectors starts[r] .. starts[r + 1]. */
  starts: Uint32Array;
  /** Of a sentence's vectors, the index of each one's word; of a text's, 0. */
  words: Uint32Array;
  /** Label ids [N], or with several labels 0 and 1, [N, L]. */
  targets: Int32Array | Float32Array;
}

/** Collects them, row by row. */
export class VectorsBuilder {
  readonly #kind: RowKind;
  readonly #ids: readonly number[][];
  readonly #labels: number;
  readonly #starts: number[] = [0];
  readonly #words: number[] = [];
  readonly #targets: number[] = [];

  /**
   * @param ids of {@link labelIds} for the rows
   * @param labels L
   */
  constructor(kind: RowKind, ids: readonly number[][], labels: number) {
    this.#kind = kind;
    this.#ids = ids;
    this.#labels = labels;
  }

  /** @param firsts of the row's `Reading` */
  addRow(firsts: Int32Array | undefined): void {
    const ids = this.#ids[this.#starts.length - 1];
    firsts?.forEach((token, word) => {
      if (token < 0) return;
      this.#words.push(word);
      this.#targets.push(ids[word]);
    });
    if (!firsts) this.#words.push(0);
    if (this.#kind === 'single') this.#targets.push(ids[0]);
    this.#starts.push(this.#words.length);
  }

  finish(): Vectors {
    return {
      starts: Uint32Array.from(this.#starts),
      words: Uint32Array.from(this.#words),
      targets: this.#kind === 'multi' ? this.#oneHot() : Int32Array.from(this.#targets),
    };
  }

  #oneHot(): Float32Array {
    const targets = new Float32Array(this.#ids.length * this.#labels);
    this.#ids.forEach((given, row) => {
      for (const id of given) targets[row * this.#labels + id] = 1;
    });
    return targets;
  }
}

/** How many vectors have each of L labels. */
export function countVectors({ targets }: Pick<Vectors, 'targets'>, L: number): number[] {
  const counts = new Array<number>(L).fill(0);
  if (targets instanceof Int32Array) for (const id of targets) counts[id]++;
  else for (const [i, value] of targets.entries()) counts[i % L] += value;
  return counts;
}
