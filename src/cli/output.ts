import { once } from 'node:events';
import { createColors } from 'picocolors';

/** Writes to stdout and waits for a slow reader, so that nothing piles up in memory. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** One JSON document, laid out for people too. */
export function printJson(value: unknown): Promise<void> {
  return print(`${JSON.stringify(value, null, 2)}\n`);
}

/** A reader that has seen enough (`| head -1`) closes the pipe: that ends the program, and is no fault; a full disk is. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`bertwasm: stdout: expected room to write, got ${error.code}\n`);
    process.exit(1);
  });
}

/** What a terminal obeys in place of showing it: controls, line separators, changes of direction (UAX #9), half pairs. */
const CONTROLS = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;

/** A text for a terminal: whatever it holds, it is shown, on one line. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (c) => ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const ESCAPES: Partial<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Colours are for a person: on a terminal, and not where NO_COLOR is set (no-color.org). */
export function wantsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb';
}

export const colors = createColors(wantsColor(process.stdout, process.env));

/** A text, or one and its style: colours are put on after what the text itself would do to the terminal is escaped. */
export type Cell = string | readonly [text: string, style: (text: string) => string];

/** Columns aligned by their widest cell; the last one is left as it is. */
export function table(rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map((cell) => printable(typeof cell === 'string' ? cell : cell[0])));
  const widths = texts.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  const shown = (cell: Cell, r: number, i: number) => {
    const text = i === rows[r].length - 1 ? texts[r][i] : texts[r][i].padEnd(widths[i]);
    return typeof cell === 'string' ? text : cell[1](text);
  };
  return rows.map((row, r) => `${row.map((cell, i) => shown(cell, r, i)).join('  ')}\n`).join('');
}
