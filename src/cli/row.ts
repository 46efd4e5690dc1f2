/** One row of a file with all its fields. */
export interface Row {
  /** For messages: `file:line`; for a row of several lines, its first. */
  place: string;
  fields: Record<string, unknown>;
  /** The line it came from, if that was JSON. */
  json?: string;
}
