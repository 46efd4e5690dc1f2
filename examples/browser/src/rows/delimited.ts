import { parse } from 'csv-parse/browser/esm/sync';
import type { Row } from './row.ts';

/**
 * Rows of a CSV or TSV text, as a file has it or as cells are copied from a spreadsheet. A first line that names the columns `text` and `label`
 * says where they are; without it they are the first two.
 *
 * @throws Error that names the line at fault
 */
export function parseRows(source: string): Row[] {
  const tabs = source.slice(0, source.search(/\r?\n|$/)).includes('\t');
  const lines = parse(source, {
    bom: true,
    delimiter: tabs ? '\t' : ',',
    quote: tabs ? null : '"',
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  const names = lines[0]?.map((name) => name.toLowerCase());
  const named = names?.includes('text') && names.includes('label');
  const [text, label] = named ? [names.indexOf('text'), names.indexOf('label')] : [0, 1];
  const rows = named ? lines.slice(1) : lines;
  if (rows.length === 0) throw new Error('expected rows of a text and a label, got none');
  return rows.map((cells, i) => {
    if (cells[text] && cells[label]) return { text: cells[text], label: cells[label] };
    throw new Error(`row ${i + 1}: expected a text and a label, got ${JSON.stringify(cells.join(' | ').slice(0, 60))}`);
  });
}

/** Whether a pasted text is rows and no sentence. */
export function looksDelimited(source: string): boolean {
  return source.includes('\t') || /,.*\r?\n.*,/.test(source.trim());
}
