/**
 * Work on the newest value: each waits for the one before it, and is passed over where another came meanwhile. What goes wrong with one its
 * caller is told; the next goes on.
 *
 * @param work may ask whether its value is the newest still
 */
export function latest<T>(work: (value: T, isNewest: () => boolean) => Promise<void>): (value: T) => Promise<void> {
  let last = 0;
  let turn = Promise.resolve();
  return (value) => {
    const number = ++last;
    const isNewest = () => number === last;
    const go = async () => {
      if (isNewest()) await work(value, isNewest);
    };
    turn = turn.then(go, go);
    return turn;
  };
}
