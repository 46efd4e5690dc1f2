import type { Point, Roofline } from '../scenarios/roofline.ts';
import { logarithmic, powersOfTwo } from './scale.ts';
import { element, svg, text } from './svg.ts';

const [WIDTH, HEIGHT] = [860, 440];
/** The plot within the picture. */
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 836, 44, 380];

/** GMAC/s over the tokens of a pass, both axes logarithmic, under the dot product's ceiling and the slope of memory. */
export function roofline({ build, ceiling, bandwidth, lengths, batches }: Roofline): string {
  const points = [...lengths, ...batches];
  const most = Math.max(...points.map(({ tokens }) => tokens));
  const speeds = [ceiling, bandwidth, ...points.map(({ gmacs }) => gmacs)];
  const [low, high] = [powerBelow(Math.min(...speeds)), 2 * powerBelow(Math.max(...speeds))];
  const x = logarithmic(1, most, LEFT, RIGHT);
  const y = logarithmic(low, high, BOTTOM, TOP);
  // A token does one multiply-accumulate with each byte of the weights.
  const ridge = ceiling / bandwidth;

  const curve = (of: readonly Point[], order: 'first' | 'second') => [
    element('polyline', {
      class: `line ${order}`,
      points: of.map(({ tokens, gmacs }) => `${x(tokens).toFixed(1)},${y(gmacs).toFixed(1)}`).join(' '),
    }),
    ...of.map(({ tokens, gmacs }) =>
      element('circle', { class: `${order}-mark`, cx: x(tokens), cy: y(gmacs), r: 3.5 }),
    ),
  ];
  const limit = (x1: number, y1: number, x2: number, y2: number) => element('line', { class: 'limit', x1, y1, x2, y2 });
  return svg(
    WIDTH,
    HEIGHT,
    `Speed of the ${build} build over the tokens of a pass, under the limits of its dot product and of memory`,
    text(`DistilBERT-base, ${build} build, one thread: GMAC/s over tokens of a pass`, LEFT, 26, { class: 'head' }),
    ...powersOfTwo(low, high).flatMap((speed) => [
      element('line', { class: 'grid', x1: LEFT, x2: RIGHT, y1: y(speed), y2: y(speed) }),
      text(`${speed}`, LEFT - 8, y(speed) + 4, { 'text-anchor': 'end' }),
    ]),
    ...powersOfTwo(1, most).map((tokens) => text(`${tokens}`, x(tokens), BOTTOM + 18, { 'text-anchor': 'middle' })),
    limit(LEFT, y(bandwidth), x(ridge), y(ceiling)),
    limit(x(ridge), y(ceiling), RIGHT, y(ceiling)),
    ...curve(lengths, 'first'),
    ...curve(batches, 'second'),
    ...key('first', 'one sequence', 0),
    ...key('second', 'sequences of 8 tokens', 1),
    limit(LEFT + 320, HEIGHT - 20, LEFT + 346, HEIGHT - 20),
    text(
      `limits: memory, ${bandwidth.toFixed(1)} GB/s, then dot product on registers, ${ceiling.toFixed(0)} GMAC/s`,
      LEFT + 354,
      HEIGHT - 16,
    ),
  );
}

function key(order: 'first' | 'second', label: string, index: number): string[] {
  const at = LEFT + index * 150;
  return [
    element('circle', { class: `${order}-mark`, cx: at + 5, cy: HEIGHT - 20, r: 4 }),
    text(label, at + 16, HEIGHT - 16),
  ];
}

const powerBelow = (value: number): number => 2 ** Math.floor(Math.log2(value));
