/**
 * One turn of the event loop, in which sockets and timers are heard. A timer of 0 takes 1 ms in Node, a tenth of what a
 * sentence takes to compute; where there is no `setImmediate` it has to do.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
