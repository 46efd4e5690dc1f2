/** A Markdown table whose source is aligned too: the first column to the left, the others as `right` says. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: (column: number) => boolean,
): string {
  const all = [header, ...rows];
  const widths = header.map((_, c) => Math.max(3, ...all.map((row) => row[c].length)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const padded = (row: readonly string[]) =>
    line(row.map((cell, c) => (right(c) ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))));
  const ruler = line(widths.map((width, c) => (right(c) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))));
  return [padded(header), ruler, ...rows.map(padded)].join('\n');
}
