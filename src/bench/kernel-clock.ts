import { instantiate, type Kernels } from '../engine/kernels.ts';

/** One call of a kernel. */
export interface Call {
  kernel: keyof Kernels;
  args: readonly number[];
  ms: number;
  /** Whether the kernel is a head's, which has a memory of its own: its pointers are others. */
  head: boolean;
}

/** A clock around every kernel of a model: 0.3 µs a call, of which a pass through six layers has about eighty. */
export class KernelClock {
  #calls: Call[] = [];
  #instances = 0;

  /** For `Model.load`, which makes the encoder's kernels first. */
  readonly instantiate: typeof instantiate = (module, memory) => {
    const head = this.#instances++ > 0;
    const clocked = ([name, kernel]: [string, (...args: number[]) => number]) => [
      name,
      (...args: number[]): number => {
        const start = performance.now();
        const result = kernel(...args);
        this.#calls.push({ kernel: name as keyof Kernels, args, ms: performance.now() - start, head });
        return result;
      },
    ];
    return Object.fromEntries(Object.entries(instantiate(module, memory)).map(clocked)) as Kernels;
  };

  /** The calls since the last time, in order. */
  take(): Call[] {
    return this.#calls.splice(0);
  }
}
