import { expect, test } from 'vitest';
import { roofline } from '../../bench/charts/roofline.ts';
import { linear, logarithmic, powersOfTwo } from '../../bench/charts/scale.ts';
import { summary } from '../../bench/charts/summary.ts';
import { element, svg, text } from '../../bench/charts/svg.ts';
import { BASE, BASE_AGAIN, ORT_NODE_INT8, ORT_WEB } from '../../bench/peers/names.ts';
import type { Report } from '../../bench/report.ts';
import { resultOf } from '../../bench/results.ts';

const numbers = (source: string, attribute: string) =>
  Array.from(source.matchAll(new RegExp(`\\b${attribute}="([\\d.-]+)"`, 'g')), ([, value]) => Number(value));

test('text and attributes are escaped', () => {
  expect(text('a < "b" & c', 1, 2)).toBe('<text x="1" y="2">a &lt; &quot;b&quot; &amp; c</text>');
  expect(element('g', { id: '"><script>' })).toBe('<g id="&quot;&gt;&lt;script&gt;"/>');
});

test('a picture has a role, a title and its size', () => {
  const picture = svg(200, 100, 'bars & lines');
  expect(picture).toMatch(/^<svg [^>]*viewBox="0 0 200 100"[^>]* role="img">/);
  expect(picture).toContain('<title>bars &amp; lines</title>');
});

test('scales meet both ends and rise in between; a doubling is as long everywhere', () => {
  const bar = linear(80, 10, 90);
  expect([bar(0), bar(40), bar(80)]).toEqual([10, 50, 90]);
  const log = logarithmic(1, 512, 64, 836);
  const places = powersOfTwo(1, 512).map(log);
  expect([places[0], places.at(-1)]).toEqual([64, 836]);
  for (const [i, place] of places.slice(1).entries()) expect(place - places[i]).toBeCloseTo((836 - 64) / 9, 9);
});

const speeds = new Map([
  [ORT_WEB, [200]],
  [BASE, [100]],
  [BASE_AGAIN, [101]],
  [ORT_NODE_INT8, [50]],
]);
const sizes = new Map([
  [ORT_WEB, [3700]],
  [BASE, [37]],
]);
const results: Report['results'] = {
  latency: [resultOf('1 x 128', speeds, {})],
  size: [resultOf('js + wasm', sizes, {}, 'kB')],
};
const report = { cpu: 'Test & Co', results } as Report;

test('bars of a panel are ordered and as long as their values; the second copy of base has none', () => {
  const picture = summary(report);
  const panel = picture.slice(picture.indexOf('128 tokens'), picture.indexOf('Code that a page loads'));
  expect(Array.from(panel.matchAll(/<rect class="(\w+)"/g), ([, kind]) => kind)).toEqual(['native', 'own', 'wasm']);
  const [shortest, middle, longest] = numbers(panel, 'width');
  expect([middle / longest, shortest / longest]).toEqual([0.5, 0.25]);
  expect(picture).not.toContain(BASE_AGAIN);
  expect(picture).toContain('Test &amp; Co');
});

test('every bar and value lies within the picture, a bar of one in a hundred is still to be seen', () => {
  const picture = summary(report);
  const [height] = numbers(picture, 'height');
  expect(Math.max(...numbers(picture, 'y'))).toBeLessThan(height);
  expect(Math.min(...numbers(picture, 'width'))).toBeGreaterThanOrEqual(1);
});

test('the roof is a slope that meets the ceiling where both limits are one, and faster is higher', () => {
  const point = (tokens: number, gmacs: number) => ({ sequences: 1, tokens, gmacs });
  const lengths = [point(1, 4), point(8, 16), point(64, 30)];
  const picture = roofline({ build: 'base', ceiling: 32, bandwidth: 8, lengths, batches: [point(16, 20)] });
  const [slope, flat] = Array.from(picture.matchAll(/<line class="limit"[^>]*>/g), ([line]) => line);
  expect([numbers(slope, 'x2'), numbers(slope, 'y2')]).toEqual([numbers(flat, 'x1'), numbers(flat, 'y1')]);
  const heights = numbers(picture, 'cy').slice(0, 3);
  expect(heights).toEqual([...heights].sort((a, b) => b - a));
  expect(Math.min(...heights)).toBeGreaterThan(numbers(flat, 'y1')[0]);
});
