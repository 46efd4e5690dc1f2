import { Command } from 'commander';
import { DataError } from '../errors.ts';
import { show } from '../model/json.ts';
import { pipeline } from '../platform/node.ts';
import { Confusion, type Metrics } from '../tasks/confusion.ts';
import { openInput } from './input.ts';
import { type InputOptions, inputOptions, type ModelOptions, modelOptions, wholeNumber } from './options.ts';
import { colors, print, printJson, table } from './output.ts';
import { Progress } from './progress.ts';
import { mapEach, readRows, type TextRow } from './rows.ts';

interface EvalOptions extends ModelOptions, InputOptions {
  labelColumn: string;
  maxLength?: number;
  stride?: number;
  batchSize: number;
  json?: boolean;
}

export const command = inputOptions(
  modelOptions(
    new Command('eval')
      .description('compare predictions with a labelled file')
      .argument('<file>', 'labelled file, or -'),
  ),
)
  .option('--label-column <name>', 'column or field of the label, by name or id', 'label')
  .option('--max-length <tokens>', 'tokens to read at once (default: as many as the model takes)', wholeNumber(3))
  .option('--stride <tokens>', 'read a long text as windows that share this many tokens', wholeNumber(0))
  .option('--batch-size <rows>', 'rows to compute at a time', wholeNumber(1), 32)
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
  const classify = await pipeline('text-classification', options.model, options);
  const { labels } = classify.model.config;
  const ids = labelIds(labels);
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

/** Label ids by name and by number; where a name is a number, the name wins. */
function labelIds(labels: readonly string[]): Map<string, number> {
  return new Map([...labels.keys(), ...labels].map((key, i) => [String(key), i % labels.length]));
}

function labelOf({ place, fields }: TextRow, column: string, ids: ReadonlyMap<string, number>): number {
  const label = Object.hasOwn(fields, column) ? fields[column] : undefined;
  const id = typeof label === 'string' || typeof label === 'number' ? ids.get(String(label)) : undefined;
  if (id === undefined) {
    const known = [...ids.keys()].slice(0, 12).join(', ');
    throw new DataError(`${place}: expected a label in "${column}" (${known}), got ${show(label)}`);
  }
  return id;
}

function report(metrics: Metrics, truncated: number): string {
  const figure = (value: number) => value.toFixed(4);
  return [
    table([
      ['rows', `${metrics.rows}${truncated > 0 ? ` (${truncated} cut to the length of the model)` : ''}`],
      ['accuracy', colors.bold(figure(metrics.accuracy))],
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
