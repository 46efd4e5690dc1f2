import { escapeHtml } from './report-html.ts';

/** A line of a chart. */
export interface Series {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  title: string;
  /** Name and unit of each axis. */
  x: string;
  y: string;
  /** One or two. */
  series: readonly Series[];
  /** Where the best model is. */
  best?: number;
}

const WIDTH = 560;
const HEIGHT = 300;
const AREA = { left: 56, right: WIDTH - 16, top: 30, bottom: HEIGHT - 44 };
const CLASSES = ['first', 'second'];

/** Width of an entry. */
const LEGEND = 104;

/** Points beyond which markers would hide the line. */
const MARKED = 60;

/** A line chart as a figure with inline SVG; lines without points are left out. */
export function chart({ title, x, y, series, best }: Chart): string {
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return '';
  const horizontal = scale([0, ...points.map(([value]) => value)], AREA.left, AREA.right, false);
  const vertical = scale(
    points.map(([, value]) => value),
    AREA.bottom,
    AREA.top,
    true,
  );
  const parts = [
    ...vertical.ticks.map(
      ({ at, text }) => line('grid', AREA.left, at, AREA.right, at) + label(AREA.left - 8, at + 4, text, 'end'),
    ),
    ...horizontal.ticks.map(({ at, text }) => label(at, AREA.bottom + 18, text, 'middle')),
    line('axis', AREA.left, AREA.bottom, AREA.right, AREA.bottom),
    label((AREA.left + AREA.right) / 2, HEIGHT - 8, x, 'middle'),
    label(8, 16, y, 'start'),
  ];
  if (best !== undefined) {
    const at = horizontal.place(best);
    const late = at > (AREA.left + AREA.right) / 2;
    parts.push(line('best', at, AREA.top, at, AREA.bottom));
    parts.push(label(at + (late ? -6 : 6), AREA.top + 10, 'best', late ? 'end' : 'start'));
  }
  series.forEach((each, i) => {
    const placed = each.points.map(([px, py]) => [horizontal.place(px), vertical.place(py)].map(round));
    if (placed.length === 0) return;
    parts.push(`<polyline class="line ${CLASSES[i]}" points="${placed.map((point) => point.join()).join(' ')}"/>`);
    if (placed.length <= MARKED) {
      parts.push(...placed.map(([px, py]) => `<circle class="${CLASSES[i]}" cx="${px}" cy="${py}" r="3"/>`));
    }
    const legend = AREA.right - LEGEND * (i + 1);
    parts.push(`<rect class="${CLASSES[i]}" x="${legend}" y="9" width="12" height="4"/>`);
    parts.push(label(legend + 18, 16, each.name, 'start'));
  });
  const name = escapeHtml(title);
  return `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}">\n${parts.join('\n')}\n</svg><figcaption>${name}</figcaption></figure>`;
}

/**
 * Round ticks, and where a value lies between `from` and `to`.
 *
 * @param outward whether the axis goes on to the next tick at both ends
 */
function scale(values: readonly number[], from: number, to: number, outward: boolean) {
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const step = tickStep((most - least || Math.abs(most) || 1) / 5);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  const end = outward ? last : most / step;
  const place = (value: number) => from + ((value / step - first) / (end - first)) * (to - from);
  const decimals = step < 1 ? (step.toFixed(8).replace(/0+$/, '').split('.')[1]?.length ?? 0) : 0;
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    .filter((tick) => tick <= end)
    .map((tick) => ({ at: round(place(tick * step)), text: (tick * step).toFixed(decimals) }));
  return { place, ticks };
}

/** The least of 1, 2, 5, 10, … tenths, hundredths, … that is at least `size`. */
function tickStep(size: number): number {
  let power = 1;
  while (power > size && power > 1e-6) power /= 10;
  while (power * 10 <= size) power *= 10;
  const step = [1, 2, 5, 10].find((factor) => factor * power >= size) ?? 10;
  // 3 * 0.1 is not 0.3.
  return Number((step * power).toPrecision(3));
}

function line(name: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escapeHtml(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
