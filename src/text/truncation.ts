import { UsageError } from '../errors.ts';

export type TruncationStrategy = 'longest_first' | 'only_first' | 'only_second';

/** Most tokens that all the windows of one text may hold; each repeats the tokens it shares with the one before. */
const WINDOWS_LIMIT = 1 << 24;

/**
 * How many tokens each of one or two texts keeps so that all fit into `room`; the lengths themselves where they fit.
 * The strategies are those of `tokenizers`.
 */
export function budget(lengths: readonly number[], room: number, strategy: TruncationStrategy): number[] {
  const total = lengths.reduce((a, b) => a + b, 0);
  if (total <= room) return [...lengths];
  if (strategy === 'longest_first') return lengths.length === 1 ? [room] : longestFirst(lengths[0], lengths[1], room);
  const cut = strategy === 'only_first' ? 0 : 1;
  if (cut === lengths.length) throw new UsageError('truncation: expected a pair for "only_second", got one text');
  const keep = lengths[cut] - (total - room);
  if (keep < 1) {
    throw new UsageError(
      `truncation: expected "${strategy}" to leave a token of that text, got other texts that fill maxLength`,
    );
  }
  return lengths.map((length, i) => (i === cut ? keep : length));
}

/** The shorter text keeps what it has if it takes no more than half. */
function longestFirst(a: number, b: number, room: number): number[] {
  const half = Math.floor(room / 2);
  const short = Math.min(a, b);
  const [keepShort, keepLong] = short <= half ? [short, room - short] : [half, room - half];
  return a <= b ? [keepShort, keepLong] : [keepLong, keepShort];
}

/** Bounds of the windows of `size` tokens over `length` tokens, each sharing `stride` tokens with the one before. */
export function windowBounds(length: number, size: number, stride: number): [from: number, to: number][] {
  if (size >= length) return [[0, length]];
  if (stride >= size) throw new UsageError(`stride: expected less than the ${size} tokens of a window, got ${stride}`);
  const count = Math.ceil((length - size) / (size - stride)) + 1;
  checkWindows(count * size);
  return Array.from({ length: count }, (_, i) => {
    const from = i * (size - stride);
    return [from, Math.min(from + size, length)];
  });
}

/** Two long texts, or windows that share nearly all of their tokens, would fill the memory. */
export function checkWindows(tokens: number): void {
  if (tokens > WINDOWS_LIMIT) {
    throw new UsageError(`stride: expected windows of at most ${WINDOWS_LIMIT} tokens in all, got ${tokens}`);
  }
}
