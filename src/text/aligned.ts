/** A stretch of normalised text that knows where each of its UTF-16 units came from. */
export interface Aligned {
  readonly text: string;
  /** Where `text` begins in the original, for text whose units map one to one. */
  readonly base: number;
  /** Start and end in the original of each unit of `text`; absent where unit i came from `base + i`. */
  readonly starts?: Int32Array;
  readonly ends?: Int32Array;
}

/** Start in the original of unit `i`. */
export function startOf(aligned: Aligned, i: number): number {
  return aligned.starts ? aligned.starts[i] : aligned.base + i;
}

/** End in the original of unit `i`. */
export function endOf(aligned: Aligned, i: number): number {
  return aligned.ends ? aligned.ends[i] : aligned.base + i + 1;
}

/** Code points with the stretch of the original that each came from: what the steps of the normalizer work on. */
export class Points {
  length = 0;
  /** Point, start, end of each. Typed: three plain arrays take 15 times as long to fill. */
  #data: Int32Array;

  constructor(capacity: number) {
    this.#data = new Int32Array(3 * (capacity + 1));
  }

  push(point: number, start: number, end: number): void {
    const at = 3 * this.length++;
    if (at === this.#data.length) {
      const longer = new Int32Array(2 * at);
      longer.set(this.#data);
      this.#data = longer;
    }
    this.#data[at] = point;
    this.#data[at + 1] = start;
    this.#data[at + 2] = end;
  }

  point(i: number): number {
    return this.#data[3 * i];
  }

  start(i: number): number {
    return this.#data[3 * i + 1];
  }

  end(i: number): number {
    return this.#data[3 * i + 2];
  }

  /** As UTF-16, with the units of one code point sharing its place. */
  toAligned(base: number): Aligned {
    let length = this.length;
    for (let i = 0; i < this.length; i++) if (this.point(i) > 0xffff) length++;
    const units = new Uint16Array(length);
    const starts = new Int32Array(length);
    const ends = new Int32Array(length);
    for (let i = 0, k = 0; i < this.length; i++) {
      const point = this.point(i);
      if (point > 0xffff) {
        units[k] = 0xd800 + ((point - 0x10000) >> 10);
        starts[k] = this.start(i);
        ends[k++] = this.end(i);
        units[k] = 0xdc00 + (point & 0x3ff);
      } else {
        units[k] = point;
      }
      starts[k] = this.start(i);
      ends[k++] = this.end(i);
    }
    return { text: fromUnits(units), base, starts, ends };
  }
}

/** In pieces, as a call has a limit on its arguments; by `apply`, as spreading a typed array takes 8 times as long. */
function fromUnits(units: Uint16Array): string {
  let text = '';
  for (let i = 0; i < units.length; i += 4096) {
    text += String.fromCharCode.apply(null, units.subarray(i, i + 4096) as unknown as number[]);
  }
  return text;
}
