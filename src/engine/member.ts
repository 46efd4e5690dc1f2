/**
 * Those that compute one piece together: the thread that has the model, and those it started. They share one memory, and
 * meet where one needs what another made.
 */
export interface Member {
  /** 0 for the thread that has the model. */
  readonly index: number;
  readonly count: number;
  /** Returns when all have called it. */
  meet(): void;
}

/** The one member of a crew of one. */
export const ALONE: Member = { index: 0, count: 1, meet() {} };

/** A member's part of `count` things, whole and in order. */
export function shareOf(
  things: number,
  { index, count }: Pick<Member, 'index' | 'count'>,
): { from: number; to: number } {
  return { from: Math.floor((things * index) / count), to: Math.floor((things * (index + 1)) / count) };
}
