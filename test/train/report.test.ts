import { beforeAll, describe, expect, test } from 'vitest';
import { Model } from '../../src/engine/model.ts';
import { loadConfig } from '../../src/model/config.ts';
import { bytesSource } from '../../src/model/sources/bytes.ts';
import { mistakes } from '../../src/train/mistakes.ts';
import { report } from '../../src/train/report.ts';
import { chart } from '../../src/train/report-chart.ts';
import { escapeHtml, figure, table } from '../../src/train/report-html.ts';
import { type SequenceRow, type TokenRow, type TrainHeadOptions, trainHead } from '../../src/train/train-head.ts';
import { binaries } from '../fixtures/kernels.ts';
import { tinyModel } from '../fixtures/tiny-model.ts';
import { tokenizer } from '../tasks/fakes.ts';

const ATTACK = `</td></script><script>alert("1")</script><img src=x onerror='alert(1)'>&lt;\0\u202e`;
const LABEL = `"><svg onload='x'>`;
const texts: SequenceRow[] = Array.from({ length: 60 }, (_, i) => ({
  text: `${ATTACK}${'film '.repeat(i)}`,
  label: [LABEL, 'b'][(i * i) % 7 < 3 ? 1 : 0],
  place: `${ATTACK}:${i}`,
}));
const several: SequenceRow[] = texts.map(({ text }, i) => ({ text, label: [[], ['x'], [LABEL, 'x']][i % 3] }));
const sentences: TokenRow[] = texts.map((_, i) => ({
  tokens: ['we', ATTACK, 'saw', 'film'],
  tags: ['O', i % 3 ? 'B-<b>' : 'O', 'B-X', 'I-X'],
}));

let model: Model;
beforeAll(async () => {
  const source = bytesSource('tiny', tinyModel());
  model = await Model.load(source, await loadConfig(source), binaries);
});
const train = (rows: readonly SequenceRow[] | readonly TokenRow[], options: Partial<TrainHeadOptions> = {}) =>
  trainHead(rows, { encoder: { model, tokenizer }, num_train_epochs: 2, validation_split: 0.5, ...options });

describe.each(Object.entries({ texts, several, sentences }))('%s', (kind, rows) => {
  test('is a document whose tags are all ours', async () => {
    const html = report(await train(rows), ATTACK);
    const tags = new Set(Array.from(html.matchAll(/<\/?([a-z0-9]+)/gi), ([, name]) => name.toLowerCase()));
    const ours =
      'html head meta title style body h1 h2 p div b figure figcaption svg line text polyline circle rect table thead tbody tr th td bdi mark small';
    for (const tag of tags) expect(ours.split(' ')).toContain(tag);
    expect(html).not.toMatch(/<[^>]* on[a-z]+=/i);
    expect(html).not.toMatch(/<[^>]* (src|href)=|url\(|@import/i);
    expect(html).not.toContain('\0');
    expect(html).toContain('&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)');
    for (const name of ['table', 'tr', 'td', 'th', 'div', 'svg', 'bdi', 'figure', 'p', 'mark', 'small']) {
      const count = (pattern: string) => html.match(new RegExp(`<${pattern}[ >]`, 'g'))?.length ?? 0;
      expect(count(name)).toBe(count(`/${name}`));
    }
    expect(html).toContain('<polyline class="line first"');
    expect(html).toContain(kind === 'texts' ? 'Confusion matrix' : kind === 'several' ? 'evaluation rows' : 'Entities');
  });
});

test('a head stands at the right above figures alone, whatever a text says', () => {
  const html = table(
    ['words', 'figure', 'count'],
    [[{ html: '<bdi>class="figure"</bdi>', kind: 'text' }, figure(0.5), 3]],
  );
  expect(html.match(/<th( [^>]*)?>/g)).toEqual(['<th>', '<th class="figure">', '<th class="figure">']);
});

test('the same run has the same report, whatever time it took', async () => {
  expect(report(await train(texts))).toBe(report(await train(texts)));
});

test('without an evaluation set there are no mistakes to show', async () => {
  const html = report(await train(texts, { validation_split: 0 }));
  expect(html).toContain('not measured: there were no evaluation rows');
  expect(html).not.toContain('mistakes');
});

test('many labels: the largest confusions in place of a matrix', async () => {
  const rows = Array.from({ length: 120 }, (_, i) => ({ text: 'film '.repeat(i % 40), label: `l${i % 30}` }));
  const html = report(await train(rows));
  expect(html).not.toContain('given \\ predicted');
  expect(html).toMatch(/<bdi>given<\/bdi><\/th><th><bdi>predicted/);
});

test('the worst mistakes come first', async () => {
  const { evaluation, head } = await train(texts);
  const held = evaluation as NonNullable<typeof evaluation>;
  const found = mistakes(held, head.config.labels);
  expect(found.length).toBeGreaterThan(2);
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => a - b));
  for (const { row, wrong } of found) {
    expect((held.rows[row] as SequenceRow).label).toBe(wrong[0].given);
    expect(wrong[0].predicted).not.toBe(wrong[0].given);
  }
});

test('of several labels and of a sentence the least sure one decides', () => {
  const logits = Float32Array.of(1, -1, -1, 2);
  const scores = Float32Array.of(0.7, 0.2, 0.3, 0.9);
  const both = { logits, scores, rows: [texts[0], texts[1]], words: Uint32Array.of(0, 2) };
  const multi = { ...both, starts: Uint32Array.of(0, 1, 2), targets: Float32Array.of(1, 0, 1, 0) };
  expect(mistakes({ ...multi, details: { kind: 'multi' } } as never, ['a', 'b'])).toEqual([
    { row: 1, score: expect.closeTo(0.1, 6), wrong: [{ word: 0, given: 'a', predicted: 'b' }] },
  ]);
  const token = { ...both, starts: Uint32Array.of(0, 2), targets: Int32Array.of(1, 0) };
  expect(mistakes({ ...token, details: { kind: 'token' } } as never, ['a', 'b'])).toEqual([
    {
      row: 0,
      score: expect.closeTo(0.2, 6),
      wrong: [
        { word: 0, given: 'b', predicted: 'a' },
        { word: 2, given: 'a', predicted: 'b' },
      ],
    },
  ]);
});

test('a chart of one point, of equal values, and of none', () => {
  const one = (points: [number, number][]) =>
    chart({ title: 't', x: 'step', y: 'loss', series: [{ name: 'a', points }] });
  for (const points of [
    [[1, 0]],
    [
      [10, 3],
      [20, 3],
    ],
    [
      [1, 1e-7],
      [2, 2e-7],
    ],
    [
      [1, 12345],
      [1e6, 99999],
    ],
  ] as [number, number][][]) {
    const svg = one(points);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg.match(/<circle/g)).toHaveLength(points.length);
    expect((svg.match(/class="grid"/g) ?? []).length).toBeLessThan(12);
  }
  expect(one([])).toBe('');
});

test('text is escaped for elements and attributes', () => {
  expect(escapeHtml(`<a b="c" d='e'>&\x01\n`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\ufffd\n');
});
