import { chart } from '../train/report-chart.ts';
import { escapeHtml, htmlDocument, table } from '../train/report-html.ts';
import type { CheckResult } from './check.ts';
import type { Gate } from './gates.ts';
import type { LayerComparison } from './layers.ts';

/** A check as one HTML document that needs no other file. */
export function checkReport(result: CheckResult, title: string, note: string): string {
  const { gates, q8, fp32, drift, head } = result;
  const losses = (side: 0 | 1) => head.losses.map((pair, i) => [i + 1, pair[side]] as const);
  return htmlDocument(title, [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="note">${escapeHtml(note)}</p>`,
    table(
      ['check', 'what', 'figure', 'gate', ''],
      gates.map((gate) => [gate.check, gate.name, shown(gate.figure), limit(gate), verdict(gate)]),
    ),
    '<h2>(a) q8: engine against the exact graph</h2>',
    layers(q8),
    '<h2>(b) f32: engine against the graph</h2>',
    layers(fp32),
    '<h2>(c) What quantisation changes</h2>',
    table(
      ['', ''],
      [
        ['cosine of [CLS], mean', drift.cosine.mean.toFixed(5)],
        ['cosine of [CLS], least', drift.cosine.min.toFixed(5)],
        ['largest change of a logit', drift.logit.toFixed(4)],
        ['labels equal', drift.labelsEqual.toFixed(4)],
        ...(drift.accuracy
          ? [
              ['right decisions, q8', drift.accuracy.q8.toFixed(4)],
              ['right decisions, fp32', drift.accuracy.fp32.toFixed(4)],
            ]
          : []),
      ],
    ),
    table(
      ['place', 'cosine of [CLS], mean'],
      drift.layers.map((cosine, layer) => [`hidden:${layer}`, cosine.toFixed(5)]),
    ),
    '<h2>(d) Gradients of a head</h2>',
    table(
      ['tensor', 'relative L2'],
      head.gradients.map(({ tensor, difference }) => [tensor, shown(difference)]),
    ),
    '<h2>(e) Its training</h2>',
    chart({
      title: 'Loss',
      x: 'step',
      y: 'loss',
      series: [
        { name: 'engine', points: losses(0) },
        { name: 'graph', points: losses(1) },
      ],
    }),
    table(
      ['tensor', 'relative L2 of the weights'],
      head.tensors.map(({ tensor, difference }) => [tensor, shown(difference)]),
    ),
  ]);
}

function layers({ places }: LayerComparison): string {
  return table(
    ['place', 'largest difference', 'same bits'],
    places.map(({ name, largest, sameBits }) => [name, shown(largest), sameBits ? 'yes' : 'no']),
  );
}

/** A figure, small ones by their power of ten. */
export function shown(figure: number): string {
  return figure !== 0 && Math.abs(figure) < 1e-3 ? figure.toExponential(1) : String(Number(figure.toFixed(5)));
}

export function limit({ most, least }: Gate): string {
  return most === undefined ? `at least ${shown(least as number)}` : `at most ${shown(most)}`;
}

export function verdict({ passed, where }: Gate): string {
  if (passed) return 'passed';
  return where === undefined ? 'broken' : `broken: ${where}`;
}
