import { Control, newControl } from './control.ts';
import type { Encoder, EncoderObserver } from './encoder.ts';
import type { ThreadSetup } from './thread.ts';

/** The threads beside the one that has the model; models that share an encoder share them. */
export class Crew {
  readonly #control: Control;
  readonly #memory: WebAssembly.Memory;
  readonly #starts: number;
  #users = 1;

  /** Starts them: `threads` counts this one too. */
  constructor(threads: number, startThread: (setup: ThreadSetup) => void, setup: Omit<ThreadSetup, 'control'>) {
    const control = newControl();
    this.#control = new Control(control);
    this.#memory = setup.memory;
    this.#starts = setup.activations.starts;
    for (let thread = 1; thread < threads; thread++) startThread({ control, ...setup });
  }

  /** How many would compute a piece now: those that have started, and this one. */
  get count(): number {
    return 1 + this.#control.started;
  }

  /** Computes a piece with all threads that have started by now: none is waited for. */
  forward(encoder: Encoder, starts: readonly number[], observer: EncoderObserver | undefined): void {
    new Int32Array(this.#memory.buffer, this.#starts, starts.length).set(starts);
    const sequences = starts.length - 1;
    const observed = observer !== undefined;
    const member = this.#control.begin(sequences, observed);
    try {
      encoder.forward({ starts, tokens: starts[sequences], observed }, observer, member);
    } catch (error) {
      this.#control.fail();
      throw error;
    }
  }

  join(): this {
    this.#users++;
    return this;
  }

  /** The last to leave lets the threads end. */
  leave(): void {
    if (--this.#users === 0) this.#control.end();
  }
}
