import type { Member } from './member.ts';

/* Words of the control block, i32 in shared memory. */
/**
 * The piece at hand, for which threads wait: a number that grows, and in the low bits how many compute it. One word, since a
 * thread that starts meanwhile could take the count of one piece for that of another.
 */
const PIECE = 0;
/** Threads that have started. */
const STARTED = 1;
/** Of the piece at hand: its sequences, whether it is observed. */
const SEQUENCES = 2;
const OBSERVED = 3;
/** Members at the meeting, and meetings held. */
const ARRIVED = 4;
const MEETINGS = 5;
/** Set when a member has failed, and when threads are no longer wanted. */
const FAILED = 6;
const ENDED = 7;
const WORDS = 8;

const COUNT_BITS = 7;
const COUNT = (1 << COUNT_BITS) - 1;

/** As many as the low bits of a piece count, this one among them. */
export const MOST_THREADS = 64;

/** Tokens for which a thread is worth meeting: one panel. Of eight, two threads make 1.5 times as short work; sixteen, none. */
const LEAST_TOKENS = 4;

export const newControl = (): SharedArrayBuffer => new SharedArrayBuffer(WORDS * 4);

/**
 * Looks at a word before a thread sleeps. Members that have equal shares of a piece arrive within microseconds of each other,
 * and to sleep and be woken takes 50.
 */
const LOOKS = 5000;

/** A thread's view of the control block. */
export class Control {
  readonly #words: Int32Array;
  /** A page's main thread must not sleep. */
  readonly #maySleep: boolean;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
    this.#maySleep = maySleep(this.#words);
  }

  /** Threads that have started and wait for work. */
  get started(): number {
    return Atomics.load(this.#words, STARTED);
  }

  /** Begins a piece for this thread and those that have started, as many as have enough to do. */
  begin(tokens: number, sequences: number, observed: boolean): Member {
    const count = Math.min(1 + this.started, Math.max(1, Math.floor(tokens / LEAST_TOKENS)));
    this.#words[SEQUENCES] = sequences;
    this.#words[OBSERVED] = Number(observed);
    this.#publish(count);
    return this.#member(0, count);
  }

  /** Makes every meeting an error, so that none waits for a member that is gone. */
  fail(): void {
    Atomics.store(this.#words, FAILED, 1);
    this.#advance(MEETINGS);
  }

  /** Lets the threads end. */
  end(): void {
    this.#words[ENDED] = 1;
    this.#publish(0);
  }

  /** A started thread's life: `compute` for each piece that it has a part in. */
  serve(compute: (member: Member, sequences: number, observed: boolean) => void): void {
    let seen = Atomics.load(this.#words, PIECE);
    const index = Atomics.add(this.#words, STARTED, 1) + 1;
    while (!this.#words[ENDED]) {
      seen = this.#wait(PIECE, seen);
      const count = seen & COUNT;
      if (index >= count) continue; // it started since, or it is the end
      try {
        compute(this.#member(index, count), this.#words[SEQUENCES], this.#words[OBSERVED] === 1);
      } catch {
        this.fail(); // the thread that has the model throws
        return;
      }
    }
  }

  #member(index: number, count: number): Member {
    const meet = () => {
      const meetings = Atomics.load(this.#words, MEETINGS);
      this.#checkFailed(); // after MEETINGS is read, which a failure advances last: else this one would wait for ever
      if (Atomics.add(this.#words, ARRIVED, 1) + 1 === count) {
        Atomics.store(this.#words, ARRIVED, 0);
        this.#advance(MEETINGS);
      } else {
        this.#wait(MEETINGS, meetings);
      }
      this.#checkFailed();
    };
    return { index, count, meet };
  }

  #checkFailed(): void {
    if (Atomics.load(this.#words, FAILED)) throw new Error('threads: expected all to go on, got one that failed');
  }

  #publish(count: number): void {
    const number = (Atomics.load(this.#words, PIECE) >> COUNT_BITS) + 1;
    Atomics.store(this.#words, PIECE, (number << COUNT_BITS) | count);
    Atomics.notify(this.#words, PIECE);
  }

  #advance(word: number): void {
    Atomics.add(this.#words, word, 1);
    Atomics.notify(this.#words, word);
  }

  /** Waits until the word is another than `value`, and returns it. */
  #wait(word: number, value: number): number {
    for (let looks = 0; ; looks++) {
      const now = Atomics.load(this.#words, word);
      if (now !== value) return now;
      if (looks >= LOOKS && this.#maySleep) Atomics.wait(this.#words, word, value);
    }
  }
}

function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, PIECE, -1, 0);
    return true;
  } catch {
    return false;
  }
}
