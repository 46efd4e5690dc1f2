import { show } from '../model/json.ts';

/** One row of a file with all its fields. */
export interface Row {
  /** For messages: `file:line`; for a row of several lines, its first. */
  place: string;
  fields: Record<string, unknown>;
  /** The line it came from, if that was JSON. */
  json?: string;
}

/** For messages: a row without the field that the option names. */
export function lacksField(column: string, names: readonly string[], option: string): string {
  return `expected a field ${show(column)}, got ${listed(names)} (${option})`;
}

const MAX_LISTED = 8;

/** The first few names and how many more there are. */
export function listed(names: readonly string[]): string {
  const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : '';
  return (names.slice(0, MAX_LISTED).map(show).join(', ') || 'none') + more;
}
