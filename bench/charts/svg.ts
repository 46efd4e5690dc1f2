/** Attributes in the order given; numbers to a tenth of a pixel. */
export type Attributes = Record<string, string | number>;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(shown(value))}"`);
  return children.length > 0
    ? `<${name}${written.join('')}>${children.join('')}</${name}>`
    : `<${name}${written.join('')}/>`;
}

export function text(content: string, x: number, y: number, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(content));
}

/**
 * A picture in the reader's colours, light or dark.
 *
 * @param title what it shows, for who can't see it
 */
export function svg(width: number, height: number, title: string, ...children: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
  };
  const ground = element('rect', { class: 'ground', width, height, rx: 6 });
  const parts = [element('title', {}, escaped(title)), element('style', {}, STYLE), ground, ...children];
  return `${element('svg', attributes, `\n${parts.join('\n')}\n`)}\n`;
}

export function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (mark) => ENTITIES[mark]);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const shown = (value: string | number): string =>
  typeof value === 'number' ? `${Math.round(value * 10) / 10}` : value;

/** Text has a contrast of at least 7, bars and lines of at least 3 with their ground. */
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.head { font-weight: 600; font-size: 13px }
.ground { fill: #fff } .own { fill: #0969da } .wasm { fill: #57606a } .native { fill: #8c959f }
.axis, .grid { stroke: #d0d7de } .limit { stroke: #57606a; stroke-dasharray: 6 4 }
.line { fill: none; stroke-width: 2 } .first { stroke: #0969da } .second { stroke: #bc4c00 }
.first-mark { fill: #0969da } .second-mark { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .ground { fill: #0d1117 }
  .own { fill: #58a6ff } .wasm { fill: #9198a1 } .native { fill: #656c76 }
  .axis, .grid { stroke: #3d444d } .limit { stroke: #9198a1 }
  .first { stroke: #58a6ff } .second { stroke: #f0883e } .first-mark { fill: #58a6ff } .second-mark { fill: #f0883e }
}
`;
