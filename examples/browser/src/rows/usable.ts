import type { Row } from './row.ts';

/**
 * The rows that are filled in.
 *
 * @throws Error that names the row that is half empty, or says what is missing
 */
export function usableRows(rows: readonly Row[]): Row[] {
  const filled = rows.map(({ text, label }) => ({ text: text.trim(), label: label.trim() }));
  const half = filled.findIndex(({ text, label }) => (text === '') !== (label === ''));
  if (half >= 0) {
    const missing = filled[half].text === '' ? 'text' : 'label';
    throw new Error(`Row ${half + 1}: expected a ${missing}, got none.`);
  }
  const usable = filled.filter(({ text }) => text !== '');
  const labels = new Set(usable.map(({ label }) => label));
  if (labels.size < 2) throw new Error(`Expected rows of at least two labels, got ${labels.size || 'none'}.`);
  return usable;
}
