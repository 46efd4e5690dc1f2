/** Work on the newest value: of those that come while it runs, only the last is worked on after. */
export function latest<T>(work: (value: T) => Promise<void>): (value: T) => Promise<void> {
  let next: { value: T } | undefined;
  let running = false;
  return async (value) => {
    next = { value };
    if (running) return;
    running = true;
    try {
      while (next) {
        const { value } = next;
        next = undefined;
        await work(value);
      }
    } finally {
      running = false;
    }
  };
}
