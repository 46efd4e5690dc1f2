/** Pieces of a report that may hold text of any user: everything passes through {@link escapeHtml}. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML text or the value of an attribute in quotes; control characters, which HTML has not, become U+FFFD. */
export function escapeHtml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '\ufffd');
}

/** A cell: text, a figure, or markup that is made here, of a class of {@link STYLE} or a row's head, shaded from 0 to 1. */
export type Cell = string | number | { html: string; kind: 'figure' | 'text' | 'place' | 'head'; shade?: number };

/** Heads stand above their cells: text at the left, figures at the right. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = header.map((name, i) => {
    const first = rows[0]?.[i];
    const isFigure = typeof first === 'number' || (typeof first === 'object' && first.kind === 'figure');
    return `<th${isFigure ? ' class="figure"' : ''}><bdi>${escapeHtml(name)}</bdi></th>`;
  });
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
  return `<div class="scroll"><table><thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>`;
}

function cell(value: Cell): string {
  if (typeof value === 'string') return `<td><bdi>${escapeHtml(value)}</bdi></td>`;
  if (typeof value === 'number') return `<td class="figure">${value}</td>`;
  const { html, kind, shade } = value;
  const style = shade === undefined ? '' : ` style="background: rgb(64 120 230 / ${shade})"`;
  return kind === 'head' ? `<th>${html}</th>` : `<td class="${kind}"${style}>${html}</td>`;
}

/** A figure from 0 to 1 with three decimals. */
export function figure(value: number): Cell {
  const text = value > 0 && value < 0.0005 ? '&lt; 0.001' : value.toFixed(3);
  return { html: text, kind: 'figure' };
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5c6675; --line: #d9dee6; --paper: #fff; --card: #f5f7fa;
  --first: #2458c5; --second: #8d6a1a; --wrong: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b4; --line: #343c4a; --paper: #14181f;
  --card: #1d232d; --first: #7aa7ff; --second: #e0b65a; --wrong: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 64rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .25rem; } h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
p.note, figcaption { color: var(--soft); margin: .25rem 0; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }
.tile { background: var(--card); border-radius: .5rem; padding: .6rem 1rem; } .tile b { display: block; font-size: 1.3rem; }
.scroll { overflow-x: auto; } .charts { display: flex; flex-wrap: wrap; gap: 1.5rem; } figure { margin: 0; flex: 1 1 26rem; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--soft); }
.grid { stroke: var(--line); } .axis { stroke: var(--soft); } .best { stroke: var(--soft); stroke-dasharray: 4 4; }
.line { fill: none; stroke-width: 2; } .first { stroke: var(--first); } .second { stroke: var(--second); }
circle.first, rect.first { fill: var(--first); } circle.second, rect.second { fill: var(--second); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; } .figure { text-align: right; }
.figure, .place { white-space: nowrap; } .text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 16rem; }
mark { background: none; color: var(--wrong); font-weight: 600; } small { color: var(--soft); }
`;

/** A whole document that loads nothing and runs nothing: a policy says so, should some text get past the escapes. */
export function htmlDocument(title: string, sections: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${sections.join('\n')}
</body>
</html>
`;
}
