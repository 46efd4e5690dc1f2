import { show } from '../model/json.ts';
import { listed } from './row.ts';

/**
 * Reads the labels of rows: names or, unless names are numbers themselves (stars, say), ids.
 *
 * @param labels by id
 * @returns the id, or for messages what is wrong with the label
 */
export function labelReader(labels: readonly string[]): (label: unknown, column: string) => number | string {
  const ids = new Map(labels.map((label, id) => [label, id]));
  const takesIds = labels.every((label, id) => !/^\d+$/.test(label) || label === String(id));
  return (label, column) => {
    const key = typeof label === 'string' || typeof label === 'number' ? String(label) : '';
    const numbered = takesIds && /^(0|[1-9]\d*)$/.test(key) && Number(key) < labels.length ? Number(key) : undefined;
    const known = listed(labels) + (takesIds ? `, or 0 to ${labels.length - 1}` : '');
    return ids.get(key) ?? numbered ?? `expected a label in ${show(column)} (${known}), got ${show(label)}`;
  };
}
