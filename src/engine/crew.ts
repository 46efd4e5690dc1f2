import { UsageError } from '../errors.ts';
import { Control, newControl } from './control.ts';
import type { Encoder, EncoderObserver } from './encoder.ts';
import type { ThreadSetup } from './thread.ts';

/** Models with a crew; made when there is one, since Workers may lack it. */
let dropped: FinalizationRegistry<Crew> | undefined;

/** The threads beside the one that has the model; models that share an encoder share them. */
export class Crew {
  readonly #control: Control;
  readonly #memory: WebAssembly.Memory;
  readonly #starts: number;
  #users = 0;

  /**
   * Starts them: `threads` counts this one too. One that then does not come up is missed by none.
   *
   * @throws UsageError where they may not be started
   */
  constructor(threads: number, startThread: (setup: unknown) => void, setup: Omit<ThreadSetup, 'control'>) {
    const control = newControl();
    this.#control = new Control(control);
    this.#memory = setup.memory;
    this.#starts = setup.activations.starts;
    try {
      for (let thread = 1; thread < threads; thread++) startThread({ control, ...setup } satisfies ThreadSetup);
    } catch (error) {
      this.#control.end();
      throw new UsageError(`threads: expected to start ${threads - 1}, got ${(error as Error).message}`);
    }
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
    const member = this.#control.begin(starts[sequences], sequences, observed);
    try {
      encoder.forward({ starts, tokens: starts[sequences], observed }, observer, member);
    } catch (error) {
      this.#control.fail();
      throw error;
    }
  }

  /** A model that is dropped without `dispose` leaves when it is collected. */
  join(model: object): void {
    this.#users++;
    dropped ??= new FinalizationRegistry((crew) => crew.#left());
    dropped.register(model, this, model);
  }

  /** The last to leave lets the threads end. */
  leave(model: object): void {
    dropped?.unregister(model);
    this.#left();
  }

  #left(): void {
    if (--this.#users === 0) this.#control.end();
  }
}
