/** Deno has it too, but hears no socket before it: of ten requests during a long one it answered none, with a timer all. */
export const HAS_IMMEDIATE = typeof setImmediate === 'function' && !('Deno' in globalThis);

/**
 * One turn of the event loop, in which sockets and timers are heard. A timer of 0 takes 1 ms in Node, a tenth of what a
 * sentence takes to compute; where there is no `setImmediate` it has to do.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (HAS_IMMEDIATE) setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
