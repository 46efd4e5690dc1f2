import type { Metrics } from '../tasks/confusion.ts';
import type { TrainedModel } from './full/train-model.ts';
import { chart } from './report-chart.ts';
import { type Cell, escapeHtml, figure, htmlDocument, table } from './report-html.ts';
import { mistakeTable } from './report-mistakes.ts';
import type { EvaluatedRows, TrainedHead } from './train-head.ts';

/** Most points of a line, labels of a matrix, and confusions of more labels that are shown. */
const SHOWN = { points: 600, matrix: 24, confusions: 25 };

/**
 * What came out of a training run as one HTML document: it needs no script and no other file, and follows the colour
 * scheme of its reader. Texts and labels may be hostile.
 */
export function report(run: TrainedHead | TrainedModel, title = 'Training report'): string {
  const { evaluation } = run;
  const { labels } = run.head.config;
  return htmlDocument(title, [
    `<h1>${escapeHtml(title)}</h1>`,
    summary(run),
    '<h2>Curves</h2>',
    curves(run),
    '<h2>Labels</h2>',
    labelTable(run),
    ...(evaluation ? evaluated(evaluation, labels) : []),
    '<h2>Arguments</h2>',
    table(
      ['argument', 'value'],
      Object.entries(run.arguments).map(([name, value]) => [name, String(value)]),
    ),
  ]);
}

function summary(trained: TrainedHead | TrainedModel): string {
  const { metrics, state, trainingRows, evaluation, head, arguments: args } = trained;
  const tiles = Object.entries(metrics).map(
    ([name, value]) => `<div class="tile">${escapeHtml(name.replace('eval_', ''))}<b>${value.toFixed(3)}</b></div>`,
  );
  const measured = evaluation
    ? `measured on ${evaluation.rows.length} evaluation rows`
    : 'not measured: there were no evaluation rows';
  const best =
    args.load_best_model_at_end && state.best_model_checkpoint
      ? `The best model of the run, by ${args.metric_for_best_model}: ${state.best_model_checkpoint}`
      : 'The last model of the run';
  const { task, pooling, preClassifier } = head.config;
  const kind = `${task === 'token' ? 'token' : preClassifier ? 'DistilBERT' : 'linear'} head on ${pooling}`;
  const what = 'weights' in trained ? `whole model, its ${kind} too` : kind;
  return [
    `<p class="note">A ${what}, trained on ${trainingRows} rows for ${state.global_step} steps (${round(state.epoch)} epochs); ${measured}.</p>`,
    `<div class="tiles">${tiles.join('')}</div>`,
    `<p class="note">${escapeHtml(best)}.</p>`,
  ].join('\n');
}

function curves({ log, state, arguments: args }: TrainedHead): string {
  const points = (name: string) =>
    thinned(log.flatMap((entry): [number, number][] => (name in entry ? [[entry.step, entry[name]]] : [])));
  const stepsPerEpoch = Math.round(state.global_step / state.epoch);
  const x = `step (${stepsPerEpoch} an epoch)`;
  const best = state.best_global_step ?? undefined;
  const metric = (args.metric_for_best_model ?? 'accuracy').replace('eval_', '');
  const beside = metric === 'accuracy' ? 'macro_f1' : 'accuracy';
  const shown = metric === 'loss' ? ['accuracy', 'macro_f1'] : [metric, beside];
  const charts = [
    chart({
      title: 'Mean loss of the training batches since the last log, and of the evaluation set',
      x,
      y: 'loss (nats)',
      series: [
        { name: 'evaluation', points: points('eval_loss') },
        { name: 'training', points: points('loss') },
      ],
      best,
    }),
    chart({
      title: 'Metrics of the evaluation set',
      x,
      y: 'part of 1',
      series: shown.map((name) => ({ name, points: points(`eval_${name}`) })),
      best,
    }),
  ];
  return `<div class="charts">${charts.join('\n') || '<p class="note">Nothing was logged.</p>'}</div>`;
}

function thinned(points: [number, number][]): [number, number][] {
  const every = Math.ceil(points.length / SHOWN.points);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}

function labelTable({ head, labelCounts, evaluation }: TrainedHead): string {
  const { labels } = head.config;
  const figures = evaluation && perLabel(evaluation);
  const header = ['label', head.config.task === 'token' ? 'training words' : 'training rows'];
  const rows = labels.map((label, id): Cell[] => [label, labelCounts[id], ...(figures?.[id] ?? [])]);
  return table(figures ? [...header, ...FIGURES, 'evaluation rows'] : header, rows);
}

const FIGURES = ['precision', 'recall', 'f1'];

/** Of a token head, tags are no entities: those have a table of their own. */
function perLabel({ details }: EvaluatedRows): Cell[][] | undefined {
  if (details.kind === 'token') return undefined;
  return details.metrics.per_label.map((each) => [
    figure(each.precision),
    figure(each.recall),
    figure(each.f1),
    each.support,
  ]);
}

function evaluated(evaluation: EvaluatedRows, labels: readonly string[]): string[] {
  const { details } = evaluation;
  const sections: string[] = [];
  if (details.kind === 'single') sections.push('<h2>Confusion matrix</h2>', confusion(details.metrics, labels));
  if (details.kind === 'token') {
    const { per_type, micro } = details.metrics;
    const row = (name: string, each: typeof micro): Cell[] => [
      name,
      figure(each.precision),
      figure(each.recall),
      figure(each.f1),
      each.support,
    ];
    const rows = [...per_type.map((each) => row(each.type, each)), row('all', micro)];
    sections.push('<h2>Entities</h2>', table(['type', ...FIGURES, 'entities'], rows));
  }
  return [...sections, '<h2>Worst mistakes</h2>', mistakeTable(evaluation, labels)];
}

/** Given labels down, predicted ones across; shaded by the part of its row. Of very many labels, the largest confusions. */
function confusion({ confusion_matrix: counts }: Metrics, labels: readonly string[]): string {
  if (labels.length > SHOWN.matrix) {
    const pairs = counts.flatMap((row, given) => row.map((count, predicted) => ({ count, given, predicted })));
    const wrong = pairs.filter(({ count, given, predicted }) => count > 0 && given !== predicted);
    const rows = wrong.sort((a, b) => b.count - a.count).slice(0, SHOWN.confusions);
    const cells = rows.map(({ count, given, predicted }) => [labels[given], labels[predicted], count]);
    return table(['given', 'predicted', 'rows'], cells);
  }
  const rows = counts.map((row, given): Cell[] => {
    const total = row.reduce((a, b) => a + b, 0);
    const shade = (count: number) => (total === 0 ? 0 : Math.round((60 * count) / total) / 100);
    return [
      { html: `<bdi>${escapeHtml(labels[given])}</bdi>`, kind: 'head' },
      ...row.map((count): Cell => ({ html: `${count}`, kind: 'figure', shade: shade(count) })),
    ];
  });
  return table(['given \\ predicted', ...labels], rows);
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}
