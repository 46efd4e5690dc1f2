/**
 * The two faults a user can mend. Messages are one line in the form `<where>: expected …, got …`.
 */

/** The data or the model is at fault (the command line exits 1). */
export class DataError extends Error {
  override name = 'DataError';
}

/** The call or the command line is at fault (the command line exits 2). */
export class UsageError extends Error {
  override name = 'UsageError';
}
