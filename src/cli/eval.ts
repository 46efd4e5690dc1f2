import { Command } from 'commander';
import { DataError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { show } from '../model/json.ts';
import { pipeline } from '../platform/node.ts';
import { Confusion, type Metrics } from '../tasks/confusion.ts';
import { openInput } from './input.ts';
import {
  type InputOptions,
  inputOptions,
  type ModelOptions,
  modelOptions,
  pipelineOptions,
  type ReadingOptions,
  readingOptions,
} from './options.ts';
import { colors, print, printJson, table } from './output.ts';
import { Progress } from './progress.ts';
import { lacksField, listed } from './row.ts';
import { mapEach, readRows, type TextRow } from './rows.ts';

interface EvalOptions extends ModelOptions, InputOptions, ReadingOptions {
  labelColumn: string;
  json?: boolean;
}

export const command = readingOptions(
  inputOptions(
    modelOptions(
      new Command('eval')
        .description('compare predictions with a labelled file')
        .argument('<file>', 'labelled file, or -'),
    ),
  ),
)
  .option('--label-column <name>', 'column or field of the label, by name or id', 'label')
  .option('--json', 'one JSON document')
  .addHelpText(
    'after',
    `
Figures are scikit-learn's: f1, precision and recall are those of the second label where there are two, else means
over the labels. Rows of the confusion matrix are the labels of the file, its columns those predicted.

Examples:
  bertwasm eval dev.tsv
  bertwasm eval reviews.jsonl --text-column review --label-column sentiment --json`,
  )
  .action(evaluate);

async function evaluate(path: string, options: EvalOptions): Promise<void> {
  const { progress, input } = Progress.of(await openInput(path, options.inputFormat));
  const classify = await pipeline('text-classification', options.model, pipelineOptions(options));
  checkSingleLabel(classify.model.config);
  const { labels } = classify.model.config;
  const ids = new Map(labels.map((label, id) => [label, id]));
  const confusion = new Confusion(labels);
  let count = 0;
  let truncated = 0;
  try {
    const labelled = mapEach(readRows(input, options.textColumn), (row) => ({
      text: row.text,
      label: labelOf(row, options.labelColumn, ids),
    }));
    for await (const rows of labelled) {
      for (let first = 0; first < rows.length; first += options.batchSize) {
        const batch = rows.slice(first, first + options.batchSize);
        const results = await classify.details(
          batch.map(({ text }) => text),
          { max_length: options.maxLength, stride: options.stride },
        );
        for (const [i, result] of results.entries()) {
          confusion.add(batch[i].label, ids.get(result.labels[0].label) as number);
          if (result.truncated) truncated++;
        }
        count += batch.length;
        progress.update(count);
      }
    }
  } finally {
    progress.end();
  }
  if (count === 0) throw new DataError(`${input.name}: expected labelled rows, got none`);
  const metrics = confusion.metrics();
  if (options.json) await printJson({ ...metrics, truncated, labels });
  else await print(report(metrics, truncated));
}

/** Other models have no one label to compare with: the best of their scores means nothing. */
function checkSingleLabel({ problemType = 'single_label_classification', labels }: ModelConfig): void {
  if (problemType !== 'single_label_classification' || labels.length === 1) {
    const got = problemType === 'single_label_classification' ? 'one of 1 label' : problemType;
    throw new DataError(`config.json: problem_type: expected a single-label model, got ${got}`);
  }
}

/** The id of a row's label, which is a name or an id; `ids` by name. */
function labelOf({ place, fields }: TextRow, column: string, ids: ReadonlyMap<string, number>): number {
  if (!Object.hasOwn(fields, column)) {
    throw new DataError(`${place}: ${lacksField(column, Object.keys(fields), '--label-column')}`);
  }
  const label = fields[column];
  const key = typeof label === 'string' || typeof label === 'number' ? String(label) : '';
  const named = ids.get(key);
  const numbered = /^(0|[1-9]\d*)$/.test(key) && Number(key) < ids.size ? Number(key) : undefined;
  if (named !== undefined && numbered !== undefined && named !== numbered) {
    throw new DataError(
      `${place}: expected a label of one meaning, got ${show(label)}, the name of ${named} and an id`,
    );
  }
  const id = named ?? numbered;
  if (id === undefined) {
    const known = `${listed([...ids.keys()])}, or 0 to ${ids.size - 1}`;
    throw new DataError(`${place}: expected a label in ${show(column)} (${known}), got ${show(label)}`);
  }
  return id;
}

function report(metrics: Metrics, truncated: number): string {
  const figure = (value: number) => value.toFixed(4);
  return [
    table([
      ['rows', `${metrics.rows}${truncated > 0 ? ` (${truncated} cut to the length of the model)` : ''}`],
      ['accuracy', [figure(metrics.accuracy), colors.bold]],
      ['f1', figure(metrics.f1)],
      ['precision', figure(metrics.precision)],
      ['recall', figure(metrics.recall)],
      ['macro f1', figure(metrics.macro_f1)],
    ]),
    table([
      ['label', 'precision', 'recall', 'f1', 'rows'],
      ...metrics.per_label.map((label) => [
        label.label,
        figure(label.precision),
        figure(label.recall),
        figure(label.f1),
        String(label.support),
      ]),
    ]),
    table([
      ['given \\ predicted', ...metrics.per_label.map(({ label }) => label)],
      ...metrics.confusion_matrix.map((row, id) => [metrics.per_label[id].label, ...row.map(String)]),
    ]),
  ].join('\n');
}
