import { BASE_AGAIN, isOwn, isWasm } from '../peers/names.ts';
import type { Report } from '../report.ts';
import type { Result } from '../results.ts';
import { linear } from './scale.ts';
import { type Attributes, element, svg, text } from './svg.ts';

const [COLUMN, MARGIN] = [430, 16];
/** Of a panel: where names end, where bars begin and end, and from one bar to the next. */
const [NAMES, BARS, END, ROW] = [150, 158, 340, 20];

interface Panel {
  title: string;
  bars: { name: string; value: number }[];
}

/** What a reader of the README wants to see: bars by engine, shorter is better. */
export function summary(report: Report): string {
  const all = panels(report);
  const rows = Array.from({ length: Math.ceil(all.length / 2) }, (_, r) => all.slice(2 * r, 2 * r + 2));
  let y = MARGIN;
  const drawn = rows.flatMap((row) => {
    const groups = row.map((panel, column) => {
      const transform = `translate(${column * COLUMN + MARGIN} ${y})`;
      return element('g', { transform }, ...bars(panel));
    });
    y += Math.max(...row.map(({ bars }) => bars.length)) * ROW + 40;
    return groups;
  });
  const title = `bertwasm beside other engines on ${report.cpu}: shorter bars are better`;
  return svg(2 * COLUMN, y + 20, title, ...drawn, ...legend(y));
}

/** Those whose scenario was run. */
function panels({ results }: Report): Panel[] {
  const panel = (title: string, group: string, scenario: string): Panel[] => {
    const result = results[group]?.find((result) => result.scenario.startsWith(scenario));
    return result ? [{ title: `${title}, ${result.unit}`, bars: barsOf(result) }] : [];
  };
  return [
    ...panel('DistilBERT-base, 128 tokens', 'latency', '1 x 128'),
    ...panel('DistilBERT-base, 8 tokens', 'latency', '1 x 8'),
    ...panel('From process start to first result', 'processes', 'cold start'),
    ...panel('Peak memory of the process', 'processes', 'peak RSS'),
    ...panel('A sentence of SST-2 dev, MiniLM', 'texts', 'SST-2'),
    ...panel('Code that a page loads, gzip', 'size', ''),
  ];
}

function barsOf({ medians }: Result): Panel['bars'] {
  return Object.entries(medians)
    .filter(([name]) => name !== BASE_AGAIN)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => a.value - b.value);
}

function bars({ title, bars }: Panel): string[] {
  const x = linear(Math.max(...bars.map(({ value }) => value)), BARS, END);
  return [
    text(title, 0, 12, { class: 'head' }),
    ...bars.flatMap(({ name, value }, i) => {
      const y = 24 + i * ROW;
      const own: Attributes = isOwn(name) ? { 'font-weight': 600 } : {};
      return [
        text(name, NAMES, y + 11, { 'text-anchor': 'end', ...own }),
        element('rect', { class: kind(name), x: BARS, y, width: Math.max(1, x(value) - BARS), height: 14, rx: 2 }),
        text(figure(value), Math.max(BARS + 1, x(value)) + 6, y + 11, own),
      ];
    }),
  ];
}

function legend(y: number): string[] {
  const entries = [
    ['own', 'bertwasm'],
    ['wasm', 'WebAssembly'],
    ['native', 'native code'],
  ];
  return entries.flatMap(([kind, label], i) => [
    element('rect', { class: kind, x: MARGIN + i * 120, y: y - 4, width: 12, height: 12, rx: 2 }),
    text(label, MARGIN + i * 120 + 18, y + 6),
  ]);
}

const kind = (name: string): string => (isOwn(name) ? 'own' : isWasm(name) ? 'wasm' : 'native');
const figure = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
